package swiftdeploy.override_test

import data.swiftdeploy.override
import rego.v1

# The tests bring their own data: tuning data.json is not a failed test.
settings := {"allowed": true, "never": {"domains": ["secrets"], "codes": ["engine_socket"]}}

denial := {
	"question": "deploy",
	"domain": "infrastructure",
	"code": "min_disk_free_gb",
	"message": "disk_free_gb is 4.2, minimum required is 10.0",
}

wish := {"who": "ada@build", "why": "the disk is being enlarged right now", "denied": [denial]}

overriding(changes) := {
	"question": "override",
	"step": {"kind": "override", "target": "app", "cause": "a person asks"},
	"override": object.union(wish, changes),
}

ask(request) := ask_with(request, {})

ask_with(request, changes) := answer if {
	answer := override.decision with input as request with data.override as object.union(settings, changes)
}

codes(answer) := {reason.code | some reason in answer.reasons}

messages(answer) := {reason.message | some reason in answer.reasons}

test_a_person_with_a_reason_may_override_once if {
	answer := ask(overriding({}))
	answer.allow == true
	answer.reasons == []
	answer.domain == "override"
	answer.question == "override"
	answer.checked == {
		"who": {"observed": "ada@build"},
		"why": {"observed": "the disk is being enlarged right now"},
		"denials": {"observed": 1},
	}
}

test_policies_can_forbid_it_and_nothing_but_true_allows_it if {
	every value in [false, null, "true", 1] {
		answer := ask_with(overriding({}), {"allowed": value})
		answer.allow == false
		messages(answer) == {"nothing may be overridden here: data.override.allowed is not true; ask who owns the policies"}
	}
}

test_who_and_why_must_be_said if {
	every field in ["who", "why"] {
		every value in [null, "", "  ", 7, ["x"]] {
			answer := ask(overriding({field: value}))
			answer.allow == false
			messages(answer) == {sprintf("override.%s must be a text that is not empty", [field])}
		}
	}
}

test_there_must_be_something_to_override if {
	every value in [null, [], "deploy", 7, {}] {
		answer := ask(overriding({"denied": value}))
		answer.allow == false
		messages(answer) == {"override.denied must name what was denied: there is nothing to override"}
	}
	answer := ask({"question": "override", "step": overriding({}).step})
	answer.allow == false
	codes(answer) == {"override_incomplete"}
	count(answer.reasons) == 3
}

test_each_denial_must_be_whole if {
	every field in ["question", "domain", "code"] {
		every value in [null, "", 7] {
			answer := ask(overriding({"denied": [denial, object.union(denial, {field: value})]}))
			answer.allow == false
			codes(answer) == {"override_incomplete"}
		}
	}
	codes(ask(overriding({"denied": ["deploy"]}))) == {"override_incomplete"}
}

test_nobody_overrides_silence if {
	every code in ["OPA_UNREACHABLE", "OPA_TIMEOUT", "OPA_STALE_POLICY", "opa_timeout", "OPA_OF_TOMORROW"] {
		answer := ask(overriding({"denied": [denial, object.union(denial, {"code": code})]}))
		answer.allow == false
		codes(answer) == {"override_of_silence"}
	}
}

test_what_data_never_overrides_stays_denied if {
	messages(ask(overriding({"denied": [denial, object.union(denial, {"domain": "admission", "code": "engine_socket"})]}))) == {"engine_socket of admission cannot be overridden: engine_socket is in data.override.never.codes"}
	messages(ask(overriding({"denied": [object.union(denial, {"domain": "secrets"})]}))) == {"min_disk_free_gb of secrets cannot be overridden: secrets is in data.override.never.domains"}
}

test_a_broken_list_in_data_is_a_denial if {
	every name in ["codes", "domains"] {
		every value in [null, "engine_socket", [7]] {
			answer := ask_with(overriding({}), {"never": {name: value}})
			answer.allow == false
			codes(answer) == {"list_malformed"}
		}
	}
	ask_with(overriding({}), {"never": {"codes": [], "domains": []}}).allow == true
}

test_without_data_everything_is_denied_with_reasons if {
	answer := override.decision with input as overriding({}) with data.override as null
	answer.allow == false
	codes(answer) == {"override_forbidden", "list_malformed"}
}

test_odd_inputs_are_denied if {
	every request in [{}, null, [], "override", {"question": ["override"]}] {
		answer := ask(request)
		answer.allow == false
		"unknown_question" in codes(answer)
	}
}

test_no_input_is_denied if {
	answer := override.decision with data.override as settings
	answer.allow == false
	answer.question == null
	"unknown_question" in codes(answer)
}

test_another_question_is_denied_and_echoed if {
	answer := ask(object.union(overriding({}), {"question": "deploy"}))
	answer.allow == false
	answer.question == "deploy"
	codes(answer) == {"unknown_question"}
}
