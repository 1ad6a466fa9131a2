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
#   nobody. That comparison holds for what both answered, whatever becomes of stable.
#   Only who takes part can explain what goes wrong now. Stable stands by where there is none, where the step leaves it less
#   than min_baseline_percent, or where it is silent: by the share of the step it should have had silent_baseline_requests
#   since it last answered one, or since the beginning, and had none. By chance so many never go to the canary (at 10 once in
#   20,000 times); fewer do, and a canary whose first requests fail waits for stable's. Then the limit decides, with the
#   evidence of the time since: what both suffered before is no fault of who is left.
#   In a bake stable stands by on purpose, and what it was like before is compared: if that is enough to speak of, at least
#   min_baseline_requests.
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

is_not_explained(kind) if evidence(kind, "worse_than_stable") >= limits.evidence_of_harm_vs_stable

is_not_explained(kind) if {
	not input.canary.bake
	stands_by
	since(kind) >= limits.evidence_of_harm
}

is_not_explained(kind) if {
	input.canary.bake
	not has_baseline(kind)
}

has_baseline(kind) if {
	not input.canary.bake
	facts["stable.requests"] > 0
	is_compared(kind)
	not stands_by
}

has_baseline(kind) if {
	input.canary.bake.seconds > 0
	facts["stable.requests"] >= limits.min_baseline_requests
	is_compared(kind)
}

# A comparison that is there and broken is not the same as none.
is_compared(kind) if is_given(kind, "worse_than_stable")

is_given(kind, about) if object.get(input.canary.evidence[kind], about, "absent") != "absent"

stands_by if object.get(input.canary, "stable", "absent") == "absent"

stands_by if leaves_little

stands_by if is_silent

leaves_little if 100 - facts["step.weight"] < limits.min_baseline_percent

# Both kinds of evidence are of the same requests.
is_silent if {
	missed := (facts["errors.requests_since_stable"] * (100 - facts["step.weight"])) / 100
	missed >= limits.silent_baseline_requests
}

# METADATA
# title: Evidence of the time in which stable stands by
# description: |
#   Since the shares changed, where they leave stable too little, for then it answers now and then; else since it last answered.
#   A controller that does not tell these knows only the whole rollout's.
# scope: rule
since(kind) := evidence(kind, time_of_standing_by)

since(kind) := evidence(kind, "worse_than_limit") if not is_given(kind, time_of_standing_by)

default time_of_standing_by := "worse_than_limit_since_stable"

time_of_standing_by := "worse_than_limit_since_weight" if leaves_little

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

# Where stable never took part there is nothing to add.
default comparison(_) := ""

comparison(kind) := sprintf("; odds of %s that stable does better, %s is enough", [
	odds(evidence(kind, "worse_than_stable")),
	odds(limits.evidence_of_harm_vs_stable),
]) if {
	has_baseline(kind)
}

comparison(kind) := sprintf("; stable has answered none since the canary's last %d: odds of %s in these", [
	facts["errors.requests_since_stable"],
	odds(since(kind)),
]) if {
	not input.canary.bake
	is_silent
	not leaves_little
	facts["stable.requests"] > 0
}
