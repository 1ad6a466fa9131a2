# METADATA
# title: Admission
# description: |
#   May this be run at all, whoever asks and however idle the host is? It sees the whole desired service (no values of its
#   environment) or the part of the stack that a step is for. Each rule denies, warns or is off, as
#   data.admission.enforcement says; a rule without a known word there denies everything, and so does a fact that is
#   missing or malformed. It sees names and paths, with links followed, and not what else is behind them: a mount on the
#   host, or a volume, that shows the engine's socket elsewhere, or an image that carries one, is beyond it.
# scope: package
# schemas:
#   - input: schema.input
# custom:
#   questions: [deploy, replace, start_canary, promote]
package swiftdeploy.admission

import rego.v1

# METADATA
# title: The answer
# description: Defined for every input, so that an empty question is a denial with reasons and not an undefined result.
# scope: document
# entrypoint: true
decision := {
	"allow": allow,
	"reasons": [reason | some reason in reasons],
	"warnings": [warning | some warning in warnings],
	"domain": "admission",
	"question": question,
	"checked": checked,
}

default question := null

question := input.question

default allow := false

allow if {
	question in questions
	count(subjects) > 0
	count(reasons) == 0
	object.keys(enforcement) == rules
}

questions := {"deploy", "replace", "start_canary", "promote"}

# METADATA
# title: Rules
# description: Each has an entry in data.admission.enforcement; its findings carry its name as their code.
# scope: rule
rules := {
	"registries_allowed",
	"mutable_tag",
	"digest_required",
	"privileges",
	"engine_socket",
	"host_mounts",
	"published_ports",
	"resource_limits",
	"non_root",
	"writable_root",
}

default settings := {}

settings := data.admission if is_object(data.admission)

words := {"deny", "warn", "off"}

enforcement[rule] := word if {
	some rule, word in settings.enforcement
	rule in rules
	word in words
}

reasons contains finding if {
	some finding in findings
	enforcement[finding.code] == "deny"
}

warnings contains finding if {
	some finding in findings
	enforcement[finding.code] == "warn"
}

checked["rules_kept"] := {"observed": count(active_rules - broken_rules), "limit": count(active_rules)} if count(subjects) > 0

checked[rule] := {"observed": concat(", ", sort(found)), "limit": enforcement[rule]} if {
	some rule in (active_rules & broken_rules)
	found := {sprintf("%v", [finding.observed]) | some finding in findings; finding.code == rule}
}

active_rules contains rule if {
	some rule, word in enforcement
	word != "off"
}

broken_rules contains finding.code if some finding in findings

reasons contains reason if {
	not question in questions
	reason := {
		"code": "unknown_question",
		"message": sprintf("question is %v, known are %s", [question, concat(", ", sort(questions))]),
		"observed": question,
		"limit": sort(questions),
	}
}

# A rule that nobody can tell the strength of is taken for one that denies everything.
reasons contains reason if {
	some rule in (rules - object.keys(enforcement))
	word := object.get(settings, ["enforcement", rule], null)
	reason := {
		"code": "enforcement_unknown",
		"message": sprintf("data.admission.enforcement.%s is %s: write deny, warn or off", [rule, json.marshal(word)]),
		"observed": word,
		"limit": sort(words),
	}
}
