package swiftdeploy.infrastructure_test

import data.swiftdeploy.infrastructure
import rego.v1

# The tests bring their own thresholds: tuning data.json is not a failed test.
thresholds := {
	"min_disk_free_gb": 10,
	"min_disk_free_gb_heal": 1,
	"max_cpu_load_per_core": 2.0,
	"min_mem_free_percent": 10,
}

forward := {"deploy", "replace", "start_canary", "promote"}

step := {"kind": "createContainer", "target": "app-stable-1", "cause": "first deploy"}

healthy := {"disk_free_gb": 42.5, "cpu_load_1m": 1.5, "cpu_count": 4, "mem_free_percent": 55}

asking(question, host) := {"question": question, "step": step, "host": host, "limits": {}}

ask(request) := answer if {
	answer := infrastructure.decision with input as request with data.infrastructure.thresholds as thresholds
}

codes(answer) := {reason.code | some reason in answer.reasons}

messages(answer) := {reason.message | some reason in answer.reasons}

# --- allowed ---------------------------------------------------------------------------------------------------

test_a_healthy_host_is_allowed_every_question if {
	every question in forward | {"heal", "rollback", "remove"} {
		answer := ask(asking(question, healthy))
		answer.allow == true
		answer.reasons == []
		answer.domain == "infrastructure"
		answer.question == question
	}
}

test_the_answer_says_what_was_checked if {
	ask(asking("deploy", healthy)).checked == {
		"disk_free_gb": {"observed": 42.5, "limit": 10},
		"cpu_load_per_core": {"observed": 0.375, "limit": 2.0},
		"mem_free_percent": {"observed": 55, "limit": 10},
	}
}

test_what_adds_load_must_find_room_and_what_heals_a_disk if {
	every question in forward { infrastructure.questions[question] == infrastructure.capacity }
	[check.threshold | some check in infrastructure.questions.heal] == ["min_disk_free_gb_heal"]
	every question in {"rollback", "remove"} { infrastructure.questions[question] == [] }
	object.keys(infrastructure.questions) == forward | {"heal", "rollback", "remove"}
}

test_exactly_at_the_limits_is_allowed if {
	host := {"disk_free_gb": 10, "cpu_load_1m": 8, "cpu_count": 4, "mem_free_percent": 10}
	ask(asking("deploy", host)).allow == true
}

test_limits_may_be_left_out if {
	ask({"question": "deploy", "step": step, "host": healthy}).allow == true
}

# --- thresholds ------------------------------------------------------------------------------------------------

test_low_disk_denies_what_adds_load if {
	answer := ask(asking("deploy", object.union(healthy, {"disk_free_gb": 4.2})))
	answer.allow == false
	answer.reasons == [{
		"code": "min_disk_free_gb",
		"message": "disk_free_gb is 4.2, minimum required is 10.0",
		"observed": 4.2,
		"limit": 10,
	}]
}

test_load_is_judged_per_core if {
	busy := object.union(healthy, {"cpu_load_1m": 8.1})
	answer := ask(asking("promote", busy))
	answer.allow == false
	messages(answer) == {"cpu_load_per_core is 2.025, maximum allowed is 2.0"}
	ask(asking("deploy", object.union(busy, {"cpu_count": 8}))).allow == true
}

test_printed_numbers_are_short if {
	host := object.union(healthy, {"cpu_load_1m": 7, "cpu_count": 3})
	messages(ask(asking("deploy", host))) == {"cpu_load_per_core is 2.3333, maximum allowed is 2.0"}
}

test_low_memory_denies_what_adds_load if {
	answer := ask(asking("replace", object.union(healthy, {"mem_free_percent": 9.994})))
	answer.allow == false
	messages(answer) == {"mem_free_percent is 9.994, minimum required is 10.0"}
}

test_every_reason_is_given_at_once if {
	host := {"disk_free_gb": 0, "cpu_load_1m": 99, "cpu_count": 1, "mem_free_percent": 0}
	codes(ask(asking("deploy", host))) == {"min_disk_free_gb", "max_cpu_load_per_core", "min_mem_free_percent"}
}

test_healing_is_allowed_on_a_busy_host if {
	host := {"disk_free_gb": 1.5, "cpu_load_1m": 99, "cpu_count": 1, "mem_free_percent": 0}
	ask(asking("heal", host)).allow == true
	ask(asking("heal", {"disk_free_gb": 1.5})).allow == true
}

test_healing_is_denied_on_a_nearly_full_disk if {
	answer := ask(asking("heal", object.union(healthy, {"disk_free_gb": 0.5})))
	answer.allow == false
	messages(answer) == {"disk_free_gb is 0.5, minimum required is 1.0"}
}

test_going_back_and_removing_ask_nothing_of_the_host if {
	every question in {"rollback", "remove"} {
		ask({"question": question, "step": step}).allow == true
		ask(asking(question, {"disk_free_gb": 0, "mem_free_percent": "?"})).allow == true
	}
}

# --- questions -------------------------------------------------------------------------------------------------

test_no_input_is_denied if {
	answer := infrastructure.decision with data.infrastructure.thresholds as thresholds
	answer.allow == false
	answer.domain == "infrastructure"
	answer.question == null
	"unknown_question" in codes(answer)
}

test_odd_inputs_are_denied if {
	every request in [{}, null, [], "deploy", 1, true, {"question": null}, {"question": ["deploy"]}] {
		answer := ask(request)
		answer.allow == false
		"unknown_question" in codes(answer)
	}
}

test_an_unknown_question_is_denied_and_echoed if {
	answer := ask(asking("reboot", healthy))
	answer.allow == false
	answer.question == "reboot"
	codes(answer) == {"unknown_question"}
}

test_a_missing_step_denies_every_question if {
	every question in forward | {"heal", "rollback", "remove"} {
		codes(ask(object.remove(asking(question, healthy), ["step"]))) == {"step_incomplete"}
	}
}

test_each_incomplete_step_is_a_denial if {
	every value in [null, "", "  ", 3, {}] {
		answer := ask(object.union(asking("deploy", healthy), {"step": {field: value | some field, _ in step}}))
		answer.allow == false
		codes(answer) == {"step_incomplete"}
		count(answer.reasons) == count(step)
	}
	every field in object.keys(step) {
		codes(ask(object.union(asking("deploy", healthy), {"step": {field: null}}))) == {"step_incomplete"}
	}
}

# --- facts -----------------------------------------------------------------------------------------------------

test_each_missing_fact_is_a_denial if {
	every fact in object.keys(healthy) {
		answer := ask(asking("deploy", object.remove(healthy, [fact])))
		answer.allow == false
		messages(answer) == {sprintf("%s is unknown, and without it nothing is allowed", [fact])}
	}
	codes(ask(asking("heal", object.remove(healthy, ["disk_free_gb"])))) == {"fact_missing"}
}

test_a_missing_host_is_a_denial if {
	every host in [null, [], "busy", 7] {
		answer := ask(asking("deploy", host))
		answer.allow == false
		codes(answer) == {"fact_missing"}
	}
	ask({"question": "deploy", "step": step}).allow == false
}

all_facts(value) := {fact: value | some fact, _ in healthy}

test_a_fact_that_is_no_number_is_a_denial if {
	every value in ["50", "", true, false, [50], {"value": 50}] {
		answer := ask(asking("deploy", all_facts(value)))
		answer.allow == false
		codes(answer) == {"fact_not_a_number"}
		count(answer.reasons) == count(healthy)
	}
	codes(ask(asking("deploy", all_facts(null)))) == {"fact_missing"}
	every fact in object.keys(healthy) {
		codes(ask(asking("deploy", object.union(healthy, {fact: "50"})))) == {"fact_not_a_number"}
	}
}

test_a_negative_or_absurd_fact_is_a_denial if {
	every value in [-1, -0.001, 1e12, 1e300] {
		answer := ask(asking("deploy", all_facts(value)))
		answer.allow == false
		codes(answer) == {"fact_out_of_range"}
		count(answer.reasons) == count(healthy)
	}
	every fact in object.keys(healthy) {
		codes(ask(asking("deploy", object.union(healthy, {fact: -1})))) == {"fact_out_of_range"}
	}
	codes(ask(asking("deploy", object.union(healthy, {"cpu_count": 0})))) == {"fact_out_of_range"}
	codes(ask(asking("deploy", object.union(healthy, {"mem_free_percent": 100.1})))) == {"fact_out_of_range"}
}

# --- limits from the manifest ----------------------------------------------------------------------------------

test_a_manifest_can_tighten_each_threshold if {
	some_limits := {
		"min_disk_free_gb": 50, "max_cpu_load_per_core": 0.1,
		"min_mem_free_percent": 60, "max_cpu_load": 1,
	}
	every name, value in some_limits {
		answer := ask(object.union(asking("deploy", healthy), {"limits": {name: value}}))
		answer.allow == false
		codes(answer) == {name}
	}
	codes(ask(object.union(asking("heal", healthy), {"limits": {"min_disk_free_gb_heal": 50}}))) == {"min_disk_free_gb_heal"}
}

test_a_manifest_cannot_loosen_a_threshold if {
	loose := {
		"min_disk_free_gb": 0, "min_disk_free_gb_heal": 0, "max_cpu_load_per_core": 1000,
		"min_mem_free_percent": 0, "max_cpu_load": 1000,
	}
	host := {"disk_free_gb": 0.5, "cpu_load_1m": 99, "cpu_count": 1, "mem_free_percent": 1}
	answer := ask(object.union(asking("deploy", host), {"limits": loose}))
	codes(answer) == {"min_disk_free_gb", "max_cpu_load_per_core", "min_mem_free_percent"}
	ask(object.union(asking("heal", host), {"limits": loose})).allow == false
}

test_a_limit_that_is_no_number_is_a_denial if {
	every value in ["20", null, true, [20], -5] {
		answer := ask(object.union(asking("deploy", healthy), {"limits": {"min_disk_free_gb": value}}))
		answer.allow == false
		codes(answer) == {"limit_malformed"}
	}
	every value in ["20", null, 20] {
		answer := ask(object.union(object.remove(asking("deploy", healthy), ["limits"]), {"limits": value}))
		answer.allow == false
		codes(answer) == {"limits_malformed"}
	}
}

test_a_misspelt_limit_denies_what_adds_load if {
	limits := {"limits": {"min_disk_fre_gb": 50}}
	codes(ask(object.union(asking("deploy", healthy), limits))) == {"limit_unknown"}
	ask(object.union(asking("heal", healthy), limits)).allow == true
	ask(object.union(asking("rollback", healthy), limits)).allow == true
}

# --- thresholds in data ----------------------------------------------------------------------------------------

test_a_missing_or_broken_threshold_is_a_denial if {
	every value in [null, "10", -1, false] {
		broken := object.union(thresholds, {"min_disk_free_gb": value})
		answer := infrastructure.decision with input as asking("deploy", healthy)
			with data.infrastructure.thresholds as broken
		answer.allow == false
		codes(answer) == {"threshold_missing"}
	}
	none := infrastructure.decision with input as asking("deploy", healthy) with data.infrastructure as {}
	none.allow == false
	count(none.reasons) == 3
	nothing := infrastructure.decision with input as asking("deploy", healthy) with data.infrastructure as null
	codes(nothing) == {"threshold_missing"}
}

known_thresholds := {check.threshold | some checks in infrastructure.questions; some check in checks}

set_thresholds := object.get(infrastructure.settings, "thresholds", {})

test_every_threshold_in_data_is_a_number if {
	every name in known_thresholds {
		value := object.get(set_thresholds, name, "missing")
		print(sprintf("thresholds.%v in infrastructure/data.json is %v, and has to be a number from 0", [name, json.marshal(value)]))
		is_number(value)
		value >= 0
	}
}

test_every_threshold_in_data_is_known if {
	every name, _ in set_thresholds {
		print(sprintf("thresholds.%v in infrastructure/data.json is not known, known are %v", [name, concat(", ", known_thresholds)]))
		name in known_thresholds
	}
}
