# METADATA
# title: Override
# description: |
#   May a person overrule these denials, once? Only if data.override.allowed is true, somebody says who they are and why, and
#   everything that was denied may be overruled: not the silence of the policy engine (codes that begin with OPA_), and not
#   the domains and codes of data.override.never.
# scope: package
# schemas:
#   - input: schema.input
# custom:
#   questions: [override]
package swiftdeploy.override

import rego.v1

# METADATA
# title: The answer
# description: Defined for every input, so that an empty question is a denial with reasons and not an undefined result.
# scope: document
# entrypoint: true
decision := {
	"allow": allow,
	"reasons": [reason | some reason in reasons],
	"domain": "override",
	"question": question,
	"checked": checked,
}

default question := null

question := input.question

default settings := {}

settings := data.override if is_object(data.override)

default allow := false

allow if {
	question == "override"
	settings.allowed == true
	is_text(input.override.who)
	is_text(input.override.why)
	count(input.override.denied) > 0
	every denial in input.override.denied { is_overridable(denial) }
	count(reasons) == 0
}

is_overridable(denial) if {
	is_whole(denial)
	not startswith(upper(denial.code), "OPA_")
	not denial.code in never.codes
	not denial.domain in never.domains
}

is_whole(denial) if {
	is_text(denial.question)
	is_text(denial.domain)
	is_text(denial.code)
}

is_text(value) if {
	is_string(value)
	trim_space(value) != ""
}

never[name] := {item | some item in items} if {
	some name in ["codes", "domains"]
	items := settings.never[name]
	is_array(items)
	every item in items { is_text(item) }
}

checked["who"] := {"observed": input.override.who}

checked["why"] := {"observed": input.override.why}

checked["denials"] := {"observed": count(input.override.denied)} if is_array(input.override.denied)

# --- reasons ---------------------------------------------------------------------------------------------------

reasons contains reason if {
	not question == "override"
	reason := {
		"code": "unknown_question",
		"message": sprintf("question is %v, known is override", [question]),
		"observed": question,
		"limit": ["override"],
	}
}

reasons contains reason if {
	not settings.allowed == true
	reason := {
		"code": "override_forbidden",
		"message": "nothing may be overridden here: data.override.allowed is not true; ask who owns the policies",
		"observed": object.get(settings, "allowed", null),
		"limit": true,
	}
}

reasons contains reason if {
	some name, value in {
		"who": object.get(input, ["override", "who"], null),
		"why": object.get(input, ["override", "why"], null),
	}
	not is_text(value)
	reason := {
		"code": "override_incomplete",
		"message": sprintf("override.%s must be a text that is not empty", [name]),
		"observed": value,
		"limit": "text",
	}
}

reasons contains reason if {
	denied := object.get(input, ["override", "denied"], [])
	not is_filled(denied)
	reason := {
		"code": "override_incomplete",
		"message": "override.denied must name what was denied: there is nothing to override",
		"observed": denied,
		"limit": "a list of denials",
	}
}

is_filled(denied) if {
	is_array(denied)
	count(denied) > 0
}

reasons contains reason if {
	some denial in input.override.denied
	not is_whole(denial)
	reason := {
		"code": "override_incomplete",
		"message": sprintf("%s is no denial: question, domain and code are needed", [json.marshal(denial)]),
		"observed": denial,
		"limit": "question, domain and code",
	}
}

reasons contains reason if {
	some denial in input.override.denied
	startswith(upper(denial.code), "OPA_")
	reason := {
		"code": "override_of_silence",
		"message": sprintf("%s did not answer (%s), and silence cannot be overridden: mend the policy engine first", [
			denial.domain,
			denial.code,
		]),
		"observed": denial.code,
		"limit": "a denial by a policy",
	}
}

reasons contains reason if {
	some denial in input.override.denied
	some list, value in {"codes": denial.code, "domains": denial.domain}
	value in never[list]
	reason := {
		"code": "override_never",
		"message": sprintf("%s of %s cannot be overridden: %s is in data.override.never.%s", [
			denial.code, denial.domain,
			value, list,
		]),
		"observed": value,
		"limit": sprintf("none of %s", [concat(", ", sort(never[list]))]),
	}
}

reasons contains reason if {
	some name in ["codes", "domains"]
	not never[name]
	reason := {
		"code": "list_malformed",
		"message": sprintf("data.override.never.%s must be a list of texts, if an empty one", [name]),
		"observed": object.get(settings, ["never", name], null),
		"limit": "a list of texts",
	}
}
