package swiftdeploy.canary

import rego.v1

# METADATA
# title: What people see
# description: |
#   The published figures of the last seconds where there are any, else the rollout's own: what went wrong once and was mended
#   is no reason to say FAIL for ever. Codes are names of thresholds. baseline.rego says when stable excuses slowness.
# scope: rule
seen["max_error_percent"] := {"fact": "error_rate_percent", "observed": error_rate}

seen["slow_ms"] := {"fact": "p99_latency_ms", "observed": facts["recent.p99_latency_ms"]}

seen["max_slow_percent"] := {"fact": "slow_percent", "observed": facts.slow_percent} if {
	not facts["recent.p99_latency_ms"]
}

error_rate := object.get(facts, "recent.error_rate_percent", facts.error_rate_percent)

# Without a request there is nothing to see; a promotion has a rule of its own for that.
within_limits if facts.requests == 0

within_limits if {
	"max_error_percent" in passed
	count(passed & {"slow_ms", "max_slow_percent"}) == 1
}

passed contains threshold if {
	some threshold, about in seen
	about.observed <= limits[threshold]
}

passed contains threshold if {
	some threshold in object.keys(seen)
	is_excused(threshold)
}

faults contains reason if {
	some threshold, about in seen
	limit := limits[threshold]
	about.observed > limit
	not is_excused(threshold)
	reason := {
		"code": threshold,
		"message": concat("", [sentence(threshold, about.observed, limit), beside(threshold)]),
		"observed": shown(about.observed),
		"limit": limit,
	}
}

sentence("max_error_percent", observed, limit) := sprintf("error_rate is %s, maximum allowed is %s", [
	percent(observed),
	percent(limit),
])

sentence("slow_ms", observed, limit) := sprintf("p99_latency is %v ms, maximum allowed is %v ms", [
	shown(observed),
	limit,
])

sentence("max_slow_percent", observed, limit) := sprintf("%s of the requests took longer than %v ms, maximum allowed is %s", [
	percent(observed),
	limits.slow_ms, percent(limit),
])

reasons contains reason if {
	question == "promote"
	is_judged
	facts.requests < limits.min_requests_to_promote
	reason := {
		"code": "too_little_traffic",
		"message": sprintf(
			"the canary had %d requests, %v or more are needed to judge it: send it some, or promote it all the same with --override \"why\"",
			[facts.requests, limits.min_requests_to_promote],
		),
		"observed": facts.requests,
		"limit": limits.min_requests_to_promote,
	}
}

# --- for the record --------------------------------------------------------------------------------------------

checked[about.fact] := {"observed": shown(about.observed), "limit": limits[threshold]} if {
	some threshold, about in seen
}

checked["requests"] := {"observed": facts.requests, "limit": limits.min_requests_to_promote}

checked[sprintf("%s_%s", [kind, about])] := {"observed": shown(evidence(kind, about)), "limit": limits[threshold]} if {
	some kind in object.keys(measures)
	some about, threshold in evidence_told
}

checked[sprintf("canary_%s", [name])] := {"observed": facts[name], "limit": limits[sprintf("max_%s", [name])]} if {
	some name in ["restarts", "oom_kills"]
	facts[name] > 0
}

# Of its health only a look has to know.
evidence_told["worse_than_limit"] := "evidence_of_harm"

evidence_told["worse_than_stable"] := "evidence_of_harm_vs_stable"

evidence_told["better_than_limit"] := "evidence_of_health" if question == "analyse"

# --- numbers for people ----------------------------------------------------------------------------------------

shown(value) := round(value * 100) / 100

# sprintf's %.2f prints `%!f(int=1)` for whole numbers.
percent(value) := sprintf("%d.%02d%%", [floor(hundredths / 100), hundredths % 100]) if hundredths := round(value * 100)

odds(value) := "over 1000000 to 1" if value >= 1000000

odds(value) := sprintf("%d to 1", [floor(value)]) if value < 1000000
