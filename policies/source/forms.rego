package swiftdeploy.source

import rego.v1

# METADATA
# title: Lists in data
# description: |
#   A list that is not there is empty. One that is not as it ought to be denies everything, however its rule is enforced: nobody
#   could tell what it was meant to forbid.
# scope: rule
forms := {
	"freeze": "a list of {from, to, why} with from before to, as 2026-12-24T00:00:00+01:00",
	"windows.deny": "a list of {days, from, to, timezone, why} with days as friday, times as 16:00, and a timezone as Europe/Berlin or local",
	"windows.allow": "a list of {days, from, to, timezone} with days as friday, times as 16:00, and a timezone as Europe/Berlin or local",
	"authors.deny": glob_form,
	"authors.allow": glob_form,
	"paths_need_signer": glob_form,
}

glob_form := "a list of texts in which * stands for anything"

written[name] := object.get(settings, split(name, "."), []) if some name in object.keys(forms)

list["freeze"] := written.freeze if {
	is_array(written.freeze)
	every item in written.freeze { is_freeze(item) }
}

list["windows.deny"] := written["windows.deny"] if {
	is_array(written["windows.deny"])
	every item in written["windows.deny"] {
		is_window(item)
		is_text(item.why)
	}
}

list["windows.allow"] := written["windows.allow"] if {
	is_array(written["windows.allow"])
	every item in written["windows.allow"] { is_window(item) }
}

list[name] := written[name] if {
	some name in ["authors.deny", "authors.allow", "paths_need_signer"]
	is_texts(written[name])
	every item in written[name] { is_boolean(glob.match(item, null, "")) }
}

is_freeze(item) if {
	time.parse_rfc3339_ns(item.from) < time.parse_rfc3339_ns(item.to)
	is_text(item.why)
}

is_window(item) if {
	is_array(item.days)
	count(item.days) > 0
	every day in item.days { day_before[day] }
	regex.match(`^([01][0-9]|2[0-3]):[0-5][0-9]$`, item.from)
	regex.match(`^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`, item.to)
	is_timezone(item.timezone)
}

is_timezone("local")

# OPA would take Local for the zone of its own container.
is_timezone(name) if {
	is_text(name)
	lower(name) != "local"
	time.weekday([0, name])
}

is_text(value) if {
	is_string(value)
	trim_space(value) != ""
}

is_texts(value) if {
	is_array(value)
	every item in value { is_text(item) }
}

reasons contains reason if {
	some name, form in forms
	not list[name]
	reason := {
		"code": "list_malformed",
		"message": sprintf("data.source.%s is %s, expected %s", [name, json.marshal(written[name]), form]),
		"observed": json.marshal(written[name]),
		"limit": form,
	}
}

# Else it would be taken for two empty lists.
reasons contains reason if {
	some name in ["windows", "authors"]
	value := object.get(settings, name, {})
	not is_object(value)
	reason := {
		"code": "list_malformed",
		"message": sprintf("data.source.%s is %s, expected {deny, allow}", [name, json.marshal(value)]),
		"observed": json.marshal(value),
		"limit": "{deny, allow}",
	}
}

# A misspelt rule is a law that nobody would hold.
known := {
	[]: (rules | {"enforcement"}),
	["enforcement"]: rules,
	["windows"]: {"deny", "allow"},
	["authors"]: {"deny", "allow"},
}

reasons contains reason if {
	some path, names in known
	some name in (object.keys(object.get(settings, path, {})) - names)
	place := concat(".", array.concat(["data", "source"], array.concat(path, [name])))
	reason := {
		"code": "setting_unknown",
		"message": sprintf("%s is no setting of this policy, known are %s", [place, concat(", ", sort(names))]),
		"observed": name,
		"limit": sort(names),
	}
}
