package swiftdeploy.canary

import rego.v1

# METADATA
# title: As slow as stable
# description: |
#   A promotion is not denied for slowness that stable has, too, at the same time: going back would cure nothing. That takes a
#   baseline that takes part (harm.rego), min_baseline_requests of each track, a stable above the limit in the last windows,
#   and no evidence that the canary is worse. A first deployment, a bake and a stable that stands by excuse nothing, and
#   errors are never excused.
# scope: rule
is_excused(threshold) if {
	question == "promote"
	threshold in {"slow_ms", "max_slow_percent"}
	not input.canary.bake
	has_baseline("slow")
	evidence("slow", "worse_than_stable") < limits.evidence_of_harm_vs_stable
	facts.requests >= limits.min_baseline_requests
	facts["stable.requests"] >= limits.min_baseline_requests
	stable_now.slow_percent > limits.max_slow_percent
}

# In the last windows, the time that the canary's own figures are of.
stable_now := {
	"requests": requests,
	"error_percent": (100 * sum([track.errors | some track in tracks])) / requests,
	"slow_percent": (100 * sum([track.slow | some track in tracks])) / requests,
} if {
	has_window_facts
	tracks := [window.stable | some window in input.canary.windows]
	every track in tracks {
		is_limit(track.errors)
		is_limit(track.slow)
	}
	requests := sum([track.requests | some track in tracks])
	requests > 0
}

# For people: the other half of a comparison, where both halves are of the last seconds.
default beside(_) := ""

beside("max_error_percent") := sprintf("; stable's is %s of %d requests", [
	percent(stable_now.error_percent),
	stable_now.requests,
]) if {
	is_limit(facts["recent.error_rate_percent"])
}

beside("slow_ms") := sprintf("; of stable's %d requests %s took longer than %v ms", [
	stable_now.requests, percent(stable_now.slow_percent),
	limits.slow_ms,
])
