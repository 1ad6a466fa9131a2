package swiftdeploy.canary

import rego.v1

# METADATA
# title: Verdict
# description: |
#   The first that holds. Harm takes the canary back at once, except one of the same spec: no version is to blame there, and
#   data.canary.on_harm_of_same_spec decides. A person ends a pause, time ends a hold. Then the canary goes on if the
#   evidence of health is there for errors and slowness alike, a request came since this step began, and nothing that people
#   see is above its limit. Otherwise it is undecided (`inconclusive`), until the deadline, when data.canary.on_deadline
#   decides. A proven canary has no deadline. Silence never advances, and takes nothing back before the deadline.
# scope: rule
verdict := "rollback" if {
	is_harmful
	not is_harmless_by_choice
} else := "hold" if {
	is_harmful
} else := "hold" if {
	is_held
} else := "advance" if {
	is_healthy
} else := settings.on_deadline if {
	is_past_deadline
	settings.on_deadline in choices.on_deadline
} else := "inconclusive"

is_harmful if count(harmful) > 0

is_harmless_by_choice if {
	input.canary.same_spec == true
	settings.on_harm_of_same_spec == "hold"
}

is_held if input.canary.step.paused == true

is_held if facts["step.elapsed_seconds"] < facts["step.hold_seconds"]

is_healthy if {
	input.canary.step.paused == false
	facts["step.elapsed_seconds"] >= facts["step.hold_seconds"]
	is_heard
	has_proof
	within_limits
	count(faults) == 0
}

# A request came since this step began.
is_heard if facts.silent_seconds < facts["step.elapsed_seconds"]

has_proof if {
	every kind in object.keys(measures) { is_proven(kind) }
}

is_proven(kind) if {
	evidence(kind, "better_than_limit") >= limits.evidence_of_health
	evidence(kind, "limit_percent") * almost_one <= limits[measures[kind].limit]
}

is_past_deadline if {
	input.canary.step.paused == false
	facts["step.elapsed_seconds"] >= facts.deadline_seconds
	not is_decided
}

# The deadline is for the undecided: a bad half minute of a proven canary delays it, and takes nothing back.
is_decided if {
	has_proof
	is_heard
}

reasons contains reason if {
	has_say
	verdict == "rollback"
	not is_harmful
	reason := {
		"code": "on_deadline",
		"message": sprintf("undecided for %d s, the deadline is %d s: data.canary.on_deadline is rollback", [
			round(facts["step.elapsed_seconds"]),
			round(facts.deadline_seconds),
		]),
		"observed": facts["step.elapsed_seconds"],
		"limit": facts.deadline_seconds,
	}
}

# The same sentence at every look: only the deadline that is over is news.
warnings contains warning if {
	is_judged
	verdict == "hold"
	not is_harmful
	not is_held
	warning := {
		"code": "on_deadline",
		"message": sprintf("undecided at its deadline of %d s, and held, as data.canary.on_deadline says", [
			round(facts.deadline_seconds),
		]),
		"limit": facts.deadline_seconds,
	}
}
