package swiftdeploy.canary

import rego.v1

# METADATA
# title: Thresholds
# description: |
#   `stricter` says which of two values wins, data's or the manifest's: whoever is judged does not loosen the law. A threshold
#   of `data` is no manifest's to change.
# scope: rule
bounds := {
	"max_error_percent": "lower",
	"slow_ms": "lower",
	"max_slow_percent": "lower",
	"evidence_of_harm": "lower",
	"evidence_of_harm_vs_stable": "lower",
	"evidence_of_health": "higher",
	"min_requests_to_promote": "higher",
	"max_restarts": "lower",
	"max_oom_kills": "lower",
	"min_baseline_percent": "data",
	"min_baseline_requests": "data",
	"silent_baseline_requests": "data",
}

# METADATA
# title: Names of older tools
# description: |
#   What manifests of older tools call these thresholds, and by what to multiply: a rate without `percent` in its name is a
#   fraction, as the fact of that name is.
# scope: rule
aliases := {
	"max_error_rate_percent": {"threshold": "max_error_percent", "factor": 1},
	"error_rate_percent": {"threshold": "max_error_percent", "factor": 1},
	"max_error_rate": {"threshold": "max_error_percent", "factor": 100},
	"error_rate": {"threshold": "max_error_percent", "factor": 100},
	"max_p99_latency_ms": {"threshold": "slow_ms", "factor": 1},
	"p99_latency_ms": {"threshold": "slow_ms", "factor": 1},
	"max_p99_ms": {"threshold": "slow_ms", "factor": 1},
	"p99_ms": {"threshold": "slow_ms", "factor": 1},
	"max_latency_ms": {"threshold": "slow_ms", "factor": 1},
	"max_latency_p99_ms": {"threshold": "slow_ms", "factor": 1},
	"min_requests": {"threshold": "min_requests_to_promote", "factor": 1},
}

# How far back to look is the judge's to choose; manifests of older tools name it.
without_meaning := {"window_seconds", "evaluation_window_seconds", "window"}

tightenable := sort([name | some name, stricter in bounds; stricter != "data"])

is_known(name) if bounds[name] in {"lower", "higher"}

is_known(name) if aliases[name]

is_known(name) if name in without_meaning

default settings := {}

settings := data.canary if is_object(data.canary)

thresholds := {name: value |
	some name in object.keys(bounds)
	value := settings.thresholds[name]
	is_limit(value)
}

is_limit(value) if {
	is_number(value)
	value >= 0
}

requested[name] contains value if {
	some name, value in input.limits
	is_limit(value)
	bounds[name] in {"lower", "higher"}
}

requested[threshold] contains value * alias.factor if {
	some name, value in input.limits
	is_limit(value)
	alias := aliases[name]
	threshold := alias.threshold
}

limits := object.union(thresholds, {name: value |
	some name, wanted in requested
	value := strictest(bounds[name], wanted | {thresholds[name]})
})

strictest("lower", values) := min(values)

strictest("higher", values) := max(values)

# METADATA
# title: Choices
# description: What data says where numbers do not decide.
# scope: rule
choices := {"on_deadline": {"hold", "rollback"}, "on_harm_of_same_spec": {"hold", "rollback"}}

# --- reasons ---------------------------------------------------------------------------------------------------

faults contains reason if {
	some name in (object.keys(bounds) - object.keys(thresholds))
	reason := {
		"code": "threshold_missing",
		"message": sprintf("data.canary.thresholds.%s must be a number that is not negative", [name]),
		"observed": object.get(settings, ["thresholds", name], null),
		"limit": "a number",
	}
}

faults contains reason if {
	some name, known in choices
	value := object.get(settings, name, null)
	not value in known
	reason := {
		"code": "choice_unknown",
		"message": sprintf("data.canary.%s is %s: write %s", [name, json.marshal(value), concat(" or ", sort(known))]),
		"observed": value,
		"limit": sort(known),
	}
}

faults contains reason if {
	values := object.get(input, "limits", {})
	not is_object(values)
	reason := {
		"code": "limits_malformed",
		"message": "limits must be an object of threshold and number",
		"observed": values,
		"limit": "an object",
	}
}

faults contains reason if {
	some name, value in input.limits
	is_known(name)
	not is_limit(value)
	reason := {
		"code": "limit_malformed",
		"message": sprintf("limits.%s is %s, which is not a number from 0 up", [name, json.marshal(value)]),
		"observed": value,
		"limit": "a number",
	}
}

# A misspelt limit is a stricter law that nobody would hold.
faults contains reason if {
	some name in object.keys(input.limits)
	not is_known(name)
	reason := {
		"code": "limit_unknown",
		"message": sprintf("limits.%v is no threshold of this policy, known are %s", [
			name,
			concat(", ", tightenable),
		]),
		"observed": name,
		"limit": tightenable,
	}
}
