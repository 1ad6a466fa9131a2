/** The files of a new domain: a rule that works, its threshold as data, tests that cover every line. To be edited, not to be kept. Pure. */

export interface DomainFile {
  /** Its name in the domain's folder. */
  readonly file: string;
  readonly about: string;
  readonly text: string;
}

export function newDomain(name: string): readonly DomainFile[] {
  const named = (text: string) => text.replaceAll('NAME', name);
  return [
    { file: `${name}.rego`, about: 'the rules: at most so many replicas, to begin with', text: named(RULES) },
    { file: 'data.json', about: 'the thresholds', text: DATA },
    { file: `${name}_test.rego`, about: 'the tests', text: named(TESTS) },
  ];
}

const DATA = `{
  "thresholds": {
    "max_replicas": 10
  }
}
`;

const RULES = `# METADATA
# title: NAME
# description: Write here, in one sentence, what this domain is for.
# scope: package
# schemas:
#   - input: schema.input
# custom:
#   questions: [deploy, replace, start_canary]
package swiftdeploy.NAME

import rego.v1

# METADATA
# title: The answer
# description: Defined for every input, so that a strange question is a denial with a reason.
# entrypoint: true
decision := {
	"allow": allow,
	"reasons": [reason | some reason in reasons],
	"domain": "NAME",
	"question": object.get(input, "question", null),
	"checked": checked,
}

default allow := false

# Positive proof: what was looked at and found well. What is missing, null or a text was not.
allow if replicas <= limit

# A step for one of the stack's own parts (a network, the proxy) has no service: nothing to judge here.
allow if is_part

reasons contains reason if {
	replicas > limit
	reason := {
		"code": "too_many_replicas",
		"message": sprintf("%v replicas are more than the %v that are allowed", [replicas, limit]),
		"observed": replicas,
		"limit": limit,
	}
}

reasons contains {"code": "fact_missing", "message": "service.replicas is no number from 0 on"} if {
	not is_part
	not replicas
}

reasons contains {"code": "limit_missing", "message": "thresholds.max_replicas is no number"} if {
	not is_part
	not limit
}

default checked := {}

checked := {"replicas": {"observed": replicas, "limit": limit}}

is_part if is_object(input.part)

replicas := input.service.replicas if {
	is_number(input.service.replicas)
	input.service.replicas >= 0
}

# The manifest (policy: {NAME: {max_replicas: 2}}) can only make it stricter.
limit := min(limits)

limits contains value if {
	value := data.NAME.thresholds.max_replicas
	is_number(value)
}

limits contains value if {
	value := input.limits.max_replicas
	is_number(value)
}
`;

const TESTS = `package swiftdeploy.NAME_test

import rego.v1

import data.swiftdeploy.NAME

deploy(replicas) := {"question": "deploy", "limits": {}, "service": {"replicas": replicas}}

# The tests bring their own threshold: tuning data.json is not a failed test.
ask(request) := answer if {
	answer := NAME.decision with input as request with data.NAME.thresholds as {"max_replicas": 10}
}

codes(decision) := {reason.code | some reason in decision.reasons}

test_a_few_are_allowed if {
	decision := ask(deploy(3))
	decision.allow
	decision.reasons == []
	decision.checked == {"replicas": {"observed": 3, "limit": 10}}
}

test_many_are_denied_with_value_and_limit if {
	decision := ask(deploy(11))
	not decision.allow
	some reason in decision.reasons
	[reason.code, reason.observed, reason.limit] == ["too_many_replicas", 11, 10]
}

test_the_manifest_makes_it_stricter_and_never_looser if {
	asked := deploy(3)
	codes(ask(object.union(asked, {"limits": {"max_replicas": 2}}))) == {"too_many_replicas"}
	ask(object.union(asked, {"limits": {"max_replicas": 99}})).allow
	not ask(object.union(deploy(50), {"limits": {"max_replicas": 99}})).allow
}

test_what_is_no_number_is_denied if {
	every value in [null, "3", true, -1, [], {}] {
		decision := ask(deploy(value))
		not decision.allow
		codes(decision) == {"fact_missing"}
	}
	not ask({}).allow
}

test_a_missing_threshold_is_denied if {
	decision := NAME.decision with input as deploy(3) with data.NAME.thresholds as {}
	not decision.allow
	codes(decision) == {"limit_missing"}
}

test_parts_of_the_stack_are_not_judged if {
	ask({"question": "deploy", "limits": {}, "part": {"kind": "network"}}).allow
}
`;
