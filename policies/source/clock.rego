package swiftdeploy.source

import rego.v1

# METADATA
# title: Now
# description: Nanoseconds since 1970; undefined for a clock that nobody has set.
# scope: rule
now_ns := ns if {
	ns := time.parse_rfc3339_ns(input.time.utc)
	ns >= time.parse_rfc3339_ns("2020-01-01T00:00:00Z")
}

# --- freeze ----------------------------------------------------------------------------------------------------

kept contains "freeze" if list.freeze == []

kept contains "freeze" if {
	now_ns > 0
	every freeze in list.freeze { is_over(freeze) }
}

# Before it as after it; its end is not in it.
is_over(freeze) if now_ns < time.parse_rfc3339_ns(freeze.from)

is_over(freeze) if now_ns >= time.parse_rfc3339_ns(freeze.to)

findings contains finding if {
	some freeze in list.freeze
	now_ns >= time.parse_rfc3339_ns(freeze.from)
	not is_over(freeze)
	finding := {
		"code": "freeze",
		"message": sprintf("frozen from %s to %s: %s", [freeze.from, freeze.to, freeze.why]),
		"observed": substring(input.time.utc, 0, 10),
		"limit": freeze.to,
	}
}

# --- windows ---------------------------------------------------------------------------------------------------

kept contains "windows" if {
	list["windows.deny"] == []
	list["windows.allow"] == []
}

kept contains "windows" if {
	every window in list["windows.deny"] { covers(window) == false }
	is_open_somewhere
}

is_open_somewhere if {
	list["windows.allow"] == []
	now_ns > 0
}

is_open_somewhere if {
	some window in list["windows.allow"]
	covers(window) == true
}

# METADATA
# title: Covers
# description: |
#   True or false; undefined while nobody knows the time there. A window that ends no later than it begins goes on into the next
#   day, and its days are those on which it begins.
# scope: rule
covers(window) := covered == {true} if {
	local := local_time(window.timezone)
	covered := begun_today(window, local) | begun_before(window, local)
}

begun_today(window, local) := {true |
	local.weekday in window.days
	local.minute >= minute_of(window.from)
	local.minute < last_minute(window)
}

begun_before(window, local) := {true |
	minute_of(window.from) >= minute_of(window.to)
	day_before[local.weekday] in window.days
	local.minute < minute_of(window.to)
}

last_minute(window) := minute_of(window.to) if minute_of(window.from) < minute_of(window.to)

last_minute(window) := 1440 if minute_of(window.from) >= minute_of(window.to)

local_time(timezone) := {"weekday": lower(time.weekday(there)), "minute": (hour * 60) + minute} if {
	there := moment(timezone)
	[hour, minute, _] := time.clock(there)
}

moment(timezone) := [now_ns, timezone] if timezone != "local"

# The controller's own.
moment("local") := [now_ns + ((input.time.offset_minutes * 60) * 1000000000), "UTC"] if {
	is_number(input.time.offset_minutes)
	abs(input.time.offset_minutes) <= 1440
}

minute_of(text) := (to_number(hour) * 60) + to_number(minute) if [hour, minute] := split(text, ":")

day_before := {
	"monday": "sunday",
	"tuesday": "monday",
	"wednesday": "tuesday",
	"thursday": "wednesday",
	"friday": "thursday",
	"saturday": "friday",
	"sunday": "saturday",
}

findings contains finding if {
	some window in list["windows.deny"]
	covers(window) == true
	finding := {
		"code": "windows",
		"message": sprintf("closed %s: %s", [words_of(window), window.why]),
		"observed": local_time(window.timezone).weekday,
		"limit": sprintf("not %s", [words_of(window)]),
	}
}

findings contains finding if {
	count(list["windows.allow"]) > 0
	every window in list["windows.allow"] { covers(window) == false }
	open := concat("; ", [words_of(window) | some window in list["windows.allow"]])
	finding := {
		"code": "windows",
		"message": sprintf("open only %s", [open]),
		"observed": lower(time.weekday(now_ns)),
		"limit": open,
	}
}

words_of(window) := sprintf("%s from %s to %s (%s)", [concat(", ", window.days), window.from, window.to, window.timezone])

# --- a clock that nobody can read ------------------------------------------------------------------------------

findings contains finding if {
	some rule in (active & {"freeze", "windows"})
	not is_time_known(rule)
	finding := {
		"code": rule,
		"message": sprintf("the time is unknown, and without it nothing is known to be outside of data.source.%s", [rule]),
		"observed": object.get(input, "time", null),
		"limit": "utc as ISO 8601 after 2019, and offset_minutes",
	}
}

is_time_known("freeze") if now_ns > 0

is_time_known("windows") if {
	now_ns > 0
	every name in ["windows.deny", "windows.allow"] {
		every window in list[name] { local_time(window.timezone) }
	}
}
