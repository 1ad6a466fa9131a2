package swiftdeploy.canary

import rego.v1

# METADATA
# title: What is measured
# description: Two shares of the requests, each with its limit and its evidence.
# scope: rule
measures := {
	"errors": {"limit": "max_error_percent", "words": "failed"},
	"slow": {"limit": "max_slow_percent", "words": "were too slow"},
}

# METADATA
# title: Harm
# description: |
#   The canary is to blame when the evidence that its rate is above the limit reaches evidence_of_harm, and stable does not
#   explain it. Stable explains it until the evidence that the canary has more than its share of what goes wrong reaches
#   evidence_of_harm_vs_stable: a dependency that fails both tracks, or a baseline that is itself above the limit, blames
#   nobody. Only who takes part can explain: stable must have had requests, and must have at least min_baseline_percent of
#   them, both by the share that the step leaves it and in the last windows; a stable that stands by would excuse any canary
#   for ever. One whose replica has just ended takes part until the windows show that it is away. In a bake stable stands by
#   on purpose, and what it was like before is compared: if that is enough to speak of, at least min_baseline_requests.
# scope: rule
harmful contains kind if {
	some kind in object.keys(measures)
	evidence(kind, "worse_than_limit") >= limits.evidence_of_harm
	evidence(kind, "limit_percent") >= limits[measures[kind].limit] * almost_one
	is_not_explained(kind)
}

# Restarts of the engine or the host hit both tracks.
harmful contains "restarts" if {
	facts.restarts > limits.max_restarts
	facts.restarts > object.get(facts, "stable.restarts", -1)
}

harmful contains "oom_kills" if {
	facts.oom_kills > limits.max_oom_kills
	facts.oom_kills > object.get(facts, "stable.oom_kills", -1)
}

is_not_explained(kind) if not has_baseline(kind)

is_not_explained(kind) if evidence(kind, "worse_than_stable") >= limits.evidence_of_harm_vs_stable

has_baseline(kind) if {
	facts["stable.requests"] > 0
	100 - facts["step.weight"] >= limits.min_baseline_percent
	not input.canary.bake
	is_compared(kind)
	not stands_by
}

has_baseline(kind) if {
	input.canary.bake.seconds > 0
	facts["stable.requests"] >= limits.min_baseline_requests
	is_compared(kind)
}

# A comparison that is there and broken is not the same as none.
is_compared(kind) if object.get(input.canary.evidence[kind], "worse_than_stable", "absent") != "absent"

stands_by if {
	has_window_facts
	beside := sum([object.get(window, ["stable", "requests"], 0) | some window in input.canary.windows])
	total := beside + sum([window.canary.requests | some window in input.canary.windows])
	beside * 100 < total * limits.min_baseline_percent
}

evidence(kind, about) := facts[sprintf("%s.%s", [kind, about])]

# Two ways to write one limit (0.07 * 100 and 7) differ in the last digit.
almost_one := 0.999999

# --- reasons ---------------------------------------------------------------------------------------------------

# METADATA
# title: Evidence about another limit
# description: Proof that a rate is below 1 % does not prove that it is below 0.5 %, nor the other way round.
# scope: rule
faults contains reason if {
	some kind, measure in measures
	limit := limits[measure.limit]
	measured := evidence(kind, "limit_percent")
	abs(measured - limit) > limit * (1 - almost_one)
	reason := {
		"code": "evidence_of_another_limit",
		"message": sprintf("the evidence of %s is about a limit of %s, the limit is %s", [
			kind, percent(measured),
			percent(limit),
		]),
		"observed": measured,
		"limit": limit,
	}
}

reasons contains reason if {
	has_say
	some kind, measure in measures
	kind in harmful
	reason := {
		"code": sprintf("harmful_%s", [kind]),
		"message": sprintf("%d of the canary's %d requests %s, at most %s may: odds of %s, %s is enough%s", [
			facts[kind], facts.requests, measure.words, percent(limits[measure.limit]),
			odds(evidence(kind, "worse_than_limit")), odds(limits.evidence_of_harm),
			comparison(kind),
		]),
		"observed": evidence(kind, "worse_than_limit"),
		"limit": limits.evidence_of_harm,
	}
}

reasons contains reason if {
	has_say
	some kind, words in {"restarts": "was restarted", "oom_kills": "ran out of memory"}
	kind in harmful
	limit := limits[sprintf("max_%s", [kind])]
	observed := facts[kind]
	reason := {
		"code": sprintf("harmful_%s", [kind]),
		"message": sprintf("the canary %s %d times, at most %v is allowed", [words, observed, limit]),
		"observed": observed,
		"limit": limit,
	}
}

# Without a baseline there is nothing to add.
comparison(kind) := "" if not has_baseline(kind)

comparison(kind) := sprintf("; odds of %s that stable does better, %s is enough", [
	odds(evidence(kind, "worse_than_stable")),
	odds(limits.evidence_of_harm_vs_stable),
]) if {
	has_baseline(kind)
}
