package swiftdeploy.admission

import rego.v1

# METADATA
# title: Limits
# description: |
#   How large a service may be; of data.admission.thresholds and the manifest's own `policy: {admission: …}` the stricter
#   wins, and one that neither has does not exist. They always deny.
# scope: rule
sizes := {
	"max_memory_gb": {"words": "memory", "unit": " GB a replica", "change": "resources.memory"},
	"max_cpus": {"words": "cpus", "unit": " a replica", "change": "resources.cpus"},
	"max_replicas": {"words": "replicas", "unit": "", "change": "replicas"},
}

size["max_memory_gb"] := input.service.resources.memory_bytes / 1000000000

size["max_cpus"] := input.service.resources.cpus

size["max_replicas"] := input.service.replicas

limit_sources["data.admission.thresholds"] := object.get(settings, "thresholds", {})

limit_sources["limits"] := object.get(input, "limits", {})

limits[name] := min(candidates) if {
	some name in object.keys(sizes)
	candidates := {value |
		some source in limit_sources
		value := source[name]
		is_limit(value)
	}
	count(candidates) > 0
}

is_limit(value) if {
	is_number(value)
	value >= 0
}

reasons contains reason if {
	"service" in subjects
	some name, limit in limits
	size[name] > limit
	reason := {
		"code": name,
		"message": sprintf("%s of %s: %v%s, maximum allowed is %v: lower %s", [
			sizes[name].words, input.service.name,
			shown(size[name]), sizes[name].unit, limit, sizes[name].change,
		]),
		"observed": shown(size[name]),
		"limit": limit,
	}
}

reasons contains reason if {
	"service" in subjects
	some name, limit in limits
	not name in object.keys(size)
	reason := {
		"code": name,
		"message": sprintf("%s of %s: no limit, maximum allowed is %v%s: set %s", [
			sizes[name].words, object.get(input, ["service", "name"], "the service"), limit,
			sizes[name].unit, sizes[name].change,
		]),
		"observed": "none",
		"limit": limit,
	}
}

reasons contains reason if {
	some place, values in limit_sources
	not is_object(values)
	reason := {
		"code": "limits_malformed",
		"message": sprintf("%s must be an object of threshold and number", [place]),
		"observed": values,
		"limit": "an object",
	}
}

# A misspelt limit is a stricter law that nobody would hold.
reasons contains reason if {
	some place, values in limit_sources
	some name in object.keys(values)
	not sizes[name]
	reason := {
		"code": "limit_unknown",
		"message": sprintf("%s.%s is no limit of this policy, known are %s", [
			place, name,
			concat(", ", sort(object.keys(sizes))),
		]),
		"observed": name,
		"limit": sort(object.keys(sizes)),
	}
}

reasons contains reason if {
	some place, values in limit_sources
	some name, value in values
	sizes[name]
	not is_limit(value)
	reason := {
		"code": "limit_malformed",
		"message": sprintf("%s.%s is %s, which is not a number from 0 up", [place, name, json.marshal(value)]),
		"observed": value,
		"limit": "a number",
	}
}

# Two places are enough for people; verdicts use the unrounded value.
shown(value) := round(value * 100) / 100
