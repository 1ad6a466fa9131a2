package swiftdeploy.canary

import rego.v1

# METADATA
# title: Figures
# description: |
#   Every number that a rule reads, where it stands in the input and the highest that it can be; all start at 0. Beyond its
#   range it is a broken reader or a forged fact, not a measurement. E-values may be anything.
# scope: rule
figures := {
	"step.weight": {"path": ["canary", "step", "weight"], "highest": 100},
	"step.hold_seconds": {"path": ["canary", "step", "hold_seconds"], "highest": 1e9},
	"step.elapsed_seconds": {"path": ["canary", "step", "elapsed_seconds"], "highest": 1e9},
	"silent_seconds": {"path": ["canary", "silent_seconds"], "highest": 1e9},
	"deadline_seconds": {"path": ["canary", "deadline_seconds"], "highest": 1e9},
	"requests": {"path": ["canary", "canary", "requests"], "highest": 1e12},
	"errors": {"path": ["canary", "canary", "errors"], "highest": 1e12},
	"slow": {"path": ["canary", "canary", "slow"], "highest": 1e12},
	"error_rate_percent": {"path": ["canary", "canary", "error_rate_percent"], "highest": 100},
	"slow_percent": {"path": ["canary", "canary", "slow_percent"], "highest": 100},
	"restarts": {"path": ["canary", "canary", "restarts"], "highest": 1e6},
	"oom_kills": {"path": ["canary", "canary", "oom_kills"], "highest": 1e6},
	"stable.requests": {"path": ["canary", "stable", "requests"], "highest": 1e12},
	"stable.restarts": {"path": ["canary", "stable", "restarts"], "highest": 1e6},
	"stable.oom_kills": {"path": ["canary", "stable", "oom_kills"], "highest": 1e6},
	"errors.limit_percent": {"path": ["canary", "evidence", "errors", "limit_percent"], "highest": 100},
	"errors.worse_than_limit": {"path": ["canary", "evidence", "errors", "worse_than_limit"], "highest": 1e308},
	"errors.better_than_limit": {"path": ["canary", "evidence", "errors", "better_than_limit"], "highest": 1e308},
	"errors.worse_than_stable": {"path": ["canary", "evidence", "errors", "worse_than_stable"], "highest": 1e308},
	"errors.worse_than_limit_since_stable": {"path": ["canary", "evidence", "errors", "worse_than_limit_since_stable"], "highest": 1e308},
	"errors.worse_than_limit_since_weight": {"path": ["canary", "evidence", "errors", "worse_than_limit_since_weight"], "highest": 1e308},
	"errors.requests_since_stable": {"path": ["canary", "evidence", "errors", "requests_since_stable"], "highest": 1e12},
	"slow.limit_percent": {"path": ["canary", "evidence", "slow", "limit_percent"], "highest": 100},
	"slow.worse_than_limit": {"path": ["canary", "evidence", "slow", "worse_than_limit"], "highest": 1e308},
	"slow.better_than_limit": {"path": ["canary", "evidence", "slow", "better_than_limit"], "highest": 1e308},
	"slow.worse_than_stable": {"path": ["canary", "evidence", "slow", "worse_than_stable"], "highest": 1e308},
	"slow.worse_than_limit_since_stable": {"path": ["canary", "evidence", "slow", "worse_than_limit_since_stable"], "highest": 1e308},
	"slow.worse_than_limit_since_weight": {"path": ["canary", "evidence", "slow", "worse_than_limit_since_weight"], "highest": 1e308},
	"slow.requests_since_stable": {"path": ["canary", "evidence", "slow", "requests_since_stable"], "highest": 1e12},
	"recent.requests": {"path": ["requests"], "highest": 1e12},
	"recent.error_rate_percent": {"path": ["error_rate_percent"], "highest": 100},
	"recent.p99_latency_ms": {"path": ["p99_latency_ms"], "highest": 1e9},
}

facts := {name: value |
	some name, figure in figures
	value := object.get(input, figure.path, null)
	is_number(value)
	value >= 0
	value <= figure.highest
}

# METADATA
# title: Figures that must be there
# description: The others are absent where they mean nothing, such as a comparison without a stable version.
# scope: rule
always_needed := {
	"step.weight", "step.elapsed_seconds", "silent_seconds", "deadline_seconds",
	"requests", "errors", "slow", "restarts", "oom_kills",
	"errors.limit_percent", "errors.worse_than_limit", "errors.better_than_limit",
	"slow.limit_percent", "slow.worse_than_limit", "slow.better_than_limit",
	"recent.requests",
}

default needed_with_requests := set()

needed_with_requests := {"error_rate_percent", "slow_percent"} if facts.requests > 0

default needed_with_recent_requests := set()

needed_with_recent_requests := {"recent.error_rate_percent", "recent.p99_latency_ms"} if facts["recent.requests"] > 0

default needed_beside_stable := set()

needed_beside_stable := {"stable.requests", "stable.restarts", "stable.oom_kills"} if {
	object.get(input.canary, "stable", "absent") != "absent"
}

default needed_in_a_hold := set()

needed_in_a_hold := {"step.hold_seconds"} if input.canary.step.paused == false

needed := (((always_needed | needed_with_requests) | needed_with_recent_requests) | needed_beside_stable) | needed_in_a_hold

# What need not be there must be right where it is.
given contains name if {
	some name in ((object.keys(figures) - object.keys(facts)) - needed)
	object.get(input, figures[name].path, "absent") != "absent"
}

unsound := (needed - object.keys(facts)) | given

has_window_facts if {
	is_array(input.canary.windows)
	every window in input.canary.windows { is_window(window) }
}

is_window(window) if {
	is_limit(window.canary.requests)
	is_limit(object.get(window, ["stable", "requests"], 0))
}

# --- reasons ---------------------------------------------------------------------------------------------------

faults contains reason if {
	not has_facts
	reason := {
		"code": "fact_missing",
		"message": "nothing is known of the canary, and without it nothing is allowed",
		"observed": null,
		"limit": "the canary's facts",
	}
}

faults contains reason if {
	has_facts
	some name in unsound
	object.get(input, figures[name].path, null) == null
	reason := {
		"code": "fact_missing",
		"message": sprintf("%s of the canary is unknown, and without it nothing is allowed", [name]),
		"observed": null,
		"limit": "a number",
	}
}

faults contains reason if {
	some name in unsound
	value := object.get(input, figures[name].path, null)
	value != null
	not is_number(value)
	reason := {
		"code": "fact_not_a_number",
		"message": sprintf("%s is %s, which is not a number", [name, json.marshal(value)]),
		"observed": value,
		"limit": "a number",
	}
}

faults contains reason if {
	some name in unsound
	value := object.get(input, figures[name].path, null)
	is_number(value)
	reason := {
		"code": "fact_out_of_range",
		"message": sprintf("%s is %v: expected 0 to %v", [name, value, figures[name].highest]),
		"observed": value,
		"limit": [0, figures[name].highest],
	}
}

faults contains reason if {
	some name in ["errors", "slow"]
	facts[name] > facts.requests
	reason := {
		"code": "fact_out_of_range",
		"message": sprintf("%s is %v of %v requests", [name, facts[name], facts.requests]),
		"observed": facts[name],
		"limit": facts.requests,
	}
}

faults contains reason if {
	has_facts
	some path in [["same_spec"], ["step", "paused"]]
	value := object.get(input.canary, path, null)
	not is_boolean(value)
	reason := {
		"code": "fact_missing",
		"message": sprintf("%s of the canary is unknown, and without it nothing is allowed", [concat(".", path)]),
		"observed": value,
		"limit": "true or false",
	}
}

faults contains reason if {
	has_facts
	not has_window_facts
	reason := {
		"code": "fact_malformed",
		"message": "windows must be a list with the requests of each track as numbers",
		"observed": object.get(input.canary, "windows", null),
		"limit": "a list of windows",
	}
}
