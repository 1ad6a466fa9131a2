# METADATA
# title: Canary
# description: |
#   How does the canary do? At every look (`analyse`): PASS or FAIL for people, and a verdict for the rollout. Before a
#   promotion: positive proof that it had requests and served them within the limits. Going back is never refused.
#   Evidence comes as e-values, valid however often one looks; thresholds are data.canary.thresholds, and input.limits
#   (from the manifest) can only make them stricter. harm.rego says what blames a canary, verdict.rego what follows.
# scope: package
# schemas:
#   - input: schema.input
# custom:
#   questions: [promote, rollback, analyse]
package swiftdeploy.canary

import rego.v1

# METADATA
# title: The answer
# description: Defined for every input, so that an empty question is a denial with reasons and not an undefined result.
# scope: document
# entrypoint: true
decision := object.union(
	{
		"allow": allow,
		"reasons": [reason | some reason in reasons],
		"warnings": [warning | some warning in warnings],
		"domain": "canary",
		"question": question,
		"checked": checked,
	},
	extra,
)

default question := null

question := input.question

# A step for one of the stack's own parts has no canary to speak of.
default extra := {}

extra := {"verdict": verdict} if concerns_canary

concerns_canary if question == "analyse"

concerns_canary if {
	question in {"promote", "rollback"}
	has_facts
}

default allow := false

# Whatever is wrong with the question: nothing traps users on a bad version.
allow if question == "rollback"

allow if {
	is_judged
	count(reasons) == 0
	within_limits
}

# Canary and stable are made of the same spec: only the mode differs, so nothing new is promoted.
allow if is_same_spec

allow if is_step_of_a_part

is_judged if question == "analyse"

is_judged if {
	question == "promote"
	not is_same_spec
	not is_step_of_a_part
}

is_same_spec if {
	question == "promote"
	has_service
	input.canary.same_spec == true
}

is_step_of_a_part if {
	question == "promote"
	not has_service
	is_text(input.part.kind)
	is_text(input.part.name)
}

has_service if object.get(input, "service", null) != null

has_facts if is_object(input.canary)

is_text(value) if {
	is_string(value)
	trim_space(value) != ""
}

questions := {"promote", "rollback", "analyse"}

reasons contains fault if {
	is_judged
	some fault in faults
}

# What is known of the canary goes on record with the way back.
has_say if is_judged

has_say if question == "rollback"

reasons contains reason if {
	not question in questions
	reason := {
		"code": "unknown_question",
		"message": sprintf("question is %v, known are %s", [question, concat(", ", sort(questions))]),
		"observed": question,
		"limit": sort(questions),
	}
}
