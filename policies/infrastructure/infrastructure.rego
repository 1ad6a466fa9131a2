# METADATA
# title: Infrastructure
# description: |
#   May this host take the step? Positive proof: allow needs a known question, a complete step, and for every check
#   of that question a fact and a limit that are numbers in range. What is missing, null or a string is a denial.
#   Thresholds are data.infrastructure.thresholds; input.limits (from the manifest) can only make them stricter.
# scope: package
# schemas:
#   - input: schema.input
# custom:
#   questions: [deploy, replace, heal, start_canary, promote, rollback, remove]
package swiftdeploy.infrastructure

import rego.v1

# METADATA
# title: The answer
# description: Defined for every input, so that an empty question is a denial with reasons and not an undefined result.
# scope: document
# entrypoint: true
decision := {
	"allow": allow,
	"reasons": [reason | some reason in reasons],
	"domain": "infrastructure",
	"question": question,
	"checked": checked,
}

default question := null

question := input.question

default allow := false

allow if {
	checks := questions[question]
	count(reasons) == 0
	every check in checks { check.threshold in passed }
}

# METADATA
# title: Checks by question
# description: |
#   What adds load must find room. What heals only needs a disk that is not nearly full, because a busy host is no
#   reason to leave a service dead. Going back and removing free resources, so nothing is asked of the host.
# scope: rule
questions := {
	"deploy": capacity,
	"replace": capacity,
	"start_canary": capacity,
	"promote": capacity,
	"heal": [disk_check("min_disk_free_gb_heal")],
	"rollback": [],
	"remove": [],
}

capacity := [
	disk_check("min_disk_free_gb"),
	{
		"fact": "cpu_load_per_core", "sources": ["cpu_load_1m", "cpu_count"],
		"threshold": "max_cpu_load_per_core", "bound": "maximum",
	},
	{
		"fact": "mem_free_percent", "sources": ["mem_free_percent"],
		"threshold": "min_mem_free_percent", "bound": "minimum",
	},
]

disk_check(threshold) := {
	"fact": "disk_free_gb", "sources": ["disk_free_gb"],
	"threshold": threshold, "bound": "minimum",
}

# A value outside its range is a broken probe or a forged fact, not a measurement.
ranges := {
	"disk_free_gb": {"lowest": 0, "highest": 10000000},
	"cpu_load_1m": {"lowest": 0, "highest": 100000},
	"cpu_count": {"lowest": 0.01, "highest": 65536},
	"mem_free_percent": {"lowest": 0, "highest": 100},
}

# --- facts -----------------------------------------------------------------------------------------------------

facts[name] := value if {
	some name, range in ranges
	value := input.host[name]
	is_number(value)
	value >= range.lowest
	value <= range.highest
}

observed["disk_free_gb"] := facts.disk_free_gb

observed["mem_free_percent"] := facts.mem_free_percent

observed["cpu_load_per_core"] := facts.cpu_load_1m / facts.cpu_count

needed_facts contains name if {
	some check in questions[question]
	some name in check.sources
}

# --- limits ----------------------------------------------------------------------------------------------------

# Without its data file the domain still says what it lacks.
default settings := {}

settings := data.infrastructure if is_object(data.infrastructure)

thresholds[name] := value if {
	some name, value in settings.thresholds
	is_limit(value)
}

stricter[name] := value if {
	some name, value in input.limits
	is_limit(value)
}

is_limit(value) if {
	is_number(value)
	value >= 0
}

# The stricter of the two wins: whoever is judged does not loosen the law.
limits[check.threshold] := max({shipped, wanted}) if {
	some check in questions[question]
	check.bound == "minimum"
	shipped := thresholds[check.threshold]
	wanted := object.get(stricter, check.threshold, shipped)
}

limits[check.threshold] := min({shipped, wanted}) if {
	some check in questions[question]
	check.bound == "maximum"
	shipped := thresholds[check.threshold]
	wanted := object.get(stricter, check.threshold, shipped)
}

# `max_cpu_load` (of the whole host, not per core) is what older manifests say; as a limit it can only tighten.
known_limits := {"max_cpu_load"} | {check.threshold |
	some checks in questions
	some check in checks
}

# --- verdicts --------------------------------------------------------------------------------------------------

checked[check.fact] := {"observed": shown(observed[check.fact]), "limit": limits[check.threshold]} if {
	some check in questions[question]
}

passed contains check.threshold if {
	some check in questions[question]
	check.bound == "minimum"
	observed[check.fact] >= limits[check.threshold]
}

passed contains check.threshold if {
	some check in questions[question]
	check.bound == "maximum"
	observed[check.fact] <= limits[check.threshold]
}

# --- reasons ---------------------------------------------------------------------------------------------------

reasons contains reason if {
	not questions[question]
	reason := {
		"code": "unknown_question",
		"message": sprintf("question is %v, known are %s", [question, concat(", ", sort(object.keys(questions)))]),
		"observed": question,
		"limit": sort(object.keys(questions)),
	}
}

reasons contains reason if {
	some field in ["kind", "target", "cause"]
	not filled_in(field)
	reason := {
		"code": "step_incomplete",
		"message": sprintf("step.%s must be a text that is not empty", [field]),
		"observed": object.get(input, ["step", field], null),
		"limit": "text",
	}
}

filled_in(field) if {
	is_string(input.step[field])
	trim_space(input.step[field]) != ""
}

reasons contains reason if {
	some name in needed_facts
	object.get(input, ["host", name], null) == null
	reason := {
		"code": "fact_missing",
		"message": sprintf("%s is unknown, and without it nothing is allowed", [name]),
		"observed": null,
		"limit": "a number",
	}
}

reasons contains reason if {
	some name in needed_facts
	value := object.get(input, ["host", name], null)
	value != null
	not is_number(value)
	reason := {
		"code": "fact_not_a_number",
		"message": sprintf("%s is %v, which is not a number", [name, json.marshal(value)]),
		"observed": value,
		"limit": "a number",
	}
}

reasons contains reason if {
	some name in needed_facts
	value := object.get(input, ["host", name], null)
	is_number(value)
	not facts[name]
	reason := {
		"code": "fact_out_of_range",
		"message": sprintf("%s is %v, which no host has: expected %v to %v", [
			name, value,
			ranges[name].lowest, ranges[name].highest,
		]),
		"observed": value,
		"limit": [ranges[name].lowest, ranges[name].highest],
	}
}

reasons contains reason if {
	some check in questions[question]
	not thresholds[check.threshold]
	reason := {
		"code": "threshold_missing",
		"message": sprintf("data.infrastructure.thresholds.%s must be a number that is not negative", [check.threshold]),
		"observed": object.get(settings, ["thresholds", check.threshold], null),
		"limit": "a number",
	}
}

reasons contains reason if {
	count(needed_facts) > 0
	wanted := object.get(input, "limits", {})
	not is_object(wanted)
	reason := {
		"code": "limits_malformed",
		"message": "limits must be an object of threshold and number",
		"observed": wanted,
		"limit": "an object",
	}
}

reasons contains reason if {
	count(needed_facts) > 0
	some name, value in input.limits
	name in known_limits
	not is_limit(value)
	reason := {
		"code": "limit_malformed",
		"message": sprintf("limits.%s is %v, which is not a number from 0 up", [name, json.marshal(value)]),
		"observed": value,
		"limit": "a number",
	}
}

# A misspelt limit is a stricter law that nobody would hold.
reasons contains reason if {
	questions[question] == capacity
	is_object(input.limits)
	some name in object.keys(input.limits)
	not name in known_limits
	reason := {
		"code": "limit_unknown",
		"message": sprintf("limits.%v is no threshold of this policy, known are %s", [
			name,
			concat(", ", sort(known_limits)),
		]),
		"observed": name,
		"limit": sort(known_limits),
	}
}

reasons contains reason if {
	some check in questions[question]
	check.bound == "minimum"
	value := observed[check.fact]
	limit := limits[check.threshold]
	value < limit
	reason := {
		"code": check.threshold,
		"message": sprintf("%s is %s, minimum required is %s", [check.fact, text(value), text(limit)]),
		"observed": shown(value),
		"limit": limit,
	}
}

reasons contains reason if {
	some check in questions[question]
	check.bound == "maximum"
	value := observed[check.fact]
	limit := limits[check.threshold]
	value > limit
	reason := {
		"code": check.threshold,
		"message": sprintf("%s is %s, maximum allowed is %s", [check.fact, text(value), text(limit)]),
		"observed": shown(value),
		"limit": limit,
	}
}

reasons contains reason if {
	questions[question] == capacity
	limit := stricter.max_cpu_load
	facts.cpu_load_1m > limit
	reason := {
		"code": "max_cpu_load",
		"message": sprintf("cpu_load_1m is %s, maximum allowed is %s", [text(facts.cpu_load_1m), text(limit)]),
		"observed": facts.cpu_load_1m,
		"limit": limit,
	}
}

# --- numbers for people ----------------------------------------------------------------------------------------

# Four places tell 2.0001 from 2 and spare people 0.3333333333; verdicts use the unrounded value.
shown(value) := round(value * 10000) / 10000

# sprintf's %.1f prints `%!f(int64=10)` for whole numbers.
text(value) := sprintf("%v.0", [floor(value)]) if value == floor(value)

text(value) := sprintf("%v", [shown(value)]) if value != floor(value)
