# METADATA
# title: Source
# description: |
#   May anything go forward at this time, and from this commit? As shipped no rule is set in data.source, and everything may.
#   Each rule that is set denies, warns or is off, as data.source.enforcement says, and wants its facts: without the time no
#   window is known to be open, without an author nobody is known to be allowed. What heals, goes back or is removed is never
#   asked about. The author is what the commit says of itself; only a signer is proven.
# scope: package
# schemas:
#   - input: schema.input
# custom:
#   questions: [deploy, replace, start_canary, promote]
package swiftdeploy.source

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
	"domain": "source",
	"question": question,
	"checked": checked,
}

default question := null

question := input.question

default allow := false

allow if {
	question in questions
	object.keys(enforcement) == rules
	every rule, word in enforcement { may_pass(rule, word) }
	count(reasons) == 0
}

may_pass(rule, _) if rule in kept

may_pass(_, word) if word in {"warn", "off"}

questions := {"deploy", "replace", "start_canary", "promote"}

# METADATA
# title: Rules
# description: |
#   Each has an entry in data.source.enforcement, is in `kept` where that is proven, and else has findings under its name.
# scope: rule
rules := {"freeze", "windows", "authors", "paths_need_signer"}

default settings := {}

settings := data.source if is_object(data.source)

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

set_rules contains "freeze" if count(list.freeze) > 0

set_rules contains "windows" if count(list["windows.deny"]) + count(list["windows.allow"]) > 0

set_rules contains "authors" if count(list["authors.deny"]) + count(list["authors.allow"]) > 0

set_rules contains "paths_need_signer" if count(list.paths_need_signer) > 0

active := {rule | some rule in set_rules; enforcement[rule] != "off"}

checked["rules_kept"] := {"observed": count(active & kept), "limit": count(active)}

checked["time"] := {"observed": input.time.utc} if count(active & {"freeze", "windows"}) > 0

checked["author"] := {"observed": input.source.author} if "authors" in active

checked["signer"] := {"observed": input.source.signer} if "paths_need_signer" in active

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
		"message": sprintf("data.source.enforcement.%s is %s: write deny, warn or off", [rule, json.marshal(word)]),
		"observed": word,
		"limit": sort(words),
	}
}

# A stricter law that nobody would hold.
reasons contains reason if {
	limits := object.get(input, "limits", {})
	limits != {}
	reason := {
		"code": "limit_unknown",
		"message": "this policy has no threshold that a manifest could tighten: take policy.source out of it",
		"observed": json.marshal(limits),
		"limit": "none",
	}
}
