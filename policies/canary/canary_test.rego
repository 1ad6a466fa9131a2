package swiftdeploy.canary_test

import data.swiftdeploy.canary
import rego.v1

# The tests bring their own data: tuning data.json is not a failed test.
thresholds := {
	"max_error_percent": 1,
	"slow_ms": 500,
	"max_slow_percent": 1,
	"evidence_of_harm": 100,
	"evidence_of_harm_vs_stable": 100,
	"evidence_of_health": 20,
	"min_requests_to_promote": 1,
	"min_baseline_percent": 10,
	"min_baseline_requests": 300,
	"silent_baseline_requests": 10,
	"max_restarts": 2,
	"max_oom_kills": 0,
}

settings := {"thresholds": thresholds, "on_deadline": "hold", "on_harm_of_same_spec": "hold"}

step := {"kind": "shiftTraffic", "target": "app", "cause": "canary 25 → stable"}

service := {"name": "app", "mode": "canary", "track": "canary", "version": "2.0.0", "image": "app:2.0.0"}

calm := {
	"limit_percent": 1,
	"worse_than_limit": 0.01,
	"worse_than_limit_since_stable": 1,
	"worse_than_limit_since_weight": 0.01,
	"better_than_limit": 150,
	"worse_than_stable": 0.5,
	"requests_since_stable": 0,
}

# Ten minutes at 25 %, with a clean record.
healthy := {
	"weight": 25,
	"step": {"index": 2, "count": 3, "weight": 25, "hold_seconds": 60, "elapsed_seconds": 90, "paused": false},
	"elapsed_seconds": 600,
	"silent_seconds": 0.5,
	"deadline_seconds": 3600,
	"same_spec": false,
	"canary": {
		"requests": 1000, "errors": 1, "slow": 2, "restarts": 0, "oom_kills": 0, "client_aborts": 0,
		"errors_by_origin": {"app": 1, "connect": 0, "timeout": 0, "gateway": 0},
		"error_rate_percent": 0.1, "slow_percent": 0.2,
	},
	"stable": {
		"requests": 3000, "errors": 3, "slow": 6, "restarts": 0, "oom_kills": 0, "client_aborts": 0,
		"errors_by_origin": {"app": 3, "connect": 0, "timeout": 0, "gateway": 0},
		"error_rate_percent": 0.1, "slow_percent": 0.2,
	},
	"evidence": {"errors": calm, "slow": calm},
	"windows": [{
		"seconds": 5,
		"canary": {"requests": 50, "errors": 0, "slow": 0},
		"stable": {"requests": 150, "errors": 0, "slow": 0},
	}],
}

recent := {"error_rate_percent": 0.2, "error_rate": 0.002, "p99_latency_ms": 120, "window_seconds": 30, "requests": 300}

asking(question, canary_facts) := object.union(recent, {
	"question": question, "step": step, "stack": "demo", "host": {}, "limits": {},
	"service": service, "canary": canary_facts,
})

analysing(changes) := asking("analyse", object.union(healthy, changes))

promoting(changes) := asking("promote", object.union(healthy, changes))

# Without the figures of the last seconds, the rollout's own are what people see.
unseen(request) := object.union(
	object.remove(request, ["error_rate_percent", "error_rate", "p99_latency_ms"]),
	{"requests": 0},
)

ask(request) := ask_with(request, {})

ask_with(request, changes) := answer if {
	answer := canary.decision with input as request with data.canary as object.union(settings, changes)
}

codes(answer) := {reason.code | some reason in answer.reasons}

messages(answer) := {reason.message | some reason in answer.reasons}

# --- what passes -----------------------------------------------------------------------------------------------

test_a_healthy_canary_passes_and_goes_on if {
	answer := ask(analysing({}))
	answer.allow == true
	answer.reasons == []
	answer.verdict == "advance"
	answer.domain == "canary"
	answer.question == "analyse"
}

test_a_healthy_canary_may_be_promoted if {
	answer := ask(promoting({}))
	answer.allow == true
	answer.reasons == []
	answer.verdict == "advance"
	ask(unseen(promoting({}))).allow == true
}

test_the_answer_says_what_was_checked if {
	ask(analysing({})).checked == {
		"error_rate_percent": {"observed": 0.2, "limit": 1},
		"p99_latency_ms": {"observed": 120, "limit": 500},
		"requests": {"observed": 1000, "limit": 1},
		"errors_worse_than_limit": {"observed": 0.01, "limit": 100},
		"errors_worse_than_stable": {"observed": 0.5, "limit": 100},
		"errors_better_than_limit": {"observed": 150, "limit": 20},
		"slow_worse_than_limit": {"observed": 0.01, "limit": 100},
		"slow_worse_than_stable": {"observed": 0.5, "limit": 100},
		"slow_better_than_limit": {"observed": 150, "limit": 20},
	}
	count(ask(promoting({})).checked) == 7
	ask(unseen(analysing({}))).checked.slow_percent == {"observed": 0.2, "limit": 1}
}

# --- what people see -------------------------------------------------------------------------------------------

test_an_error_rate_above_its_limit_fails_in_the_published_words if {
	every question in ["analyse", "promote"] {
		answer := ask(object.union(asking(question, healthy), {"error_rate_percent": 56.449}))
		answer.allow == false
		answer.verdict == "inconclusive"
		answer.reasons == [{
			"code": "max_error_percent",
			"message": "error_rate is 56.45%, maximum allowed is 1.00%; stable's is 0.00% of 150 requests",
			"observed": 56.45,
			"limit": 1,
		}]
	}
}

test_a_slow_tail_fails if {
	answer := ask(object.union(analysing({}), {"p99_latency_ms": 2251.3}))
	answer.allow == false
	messages(answer) == {"p99_latency is 2251.3 ms, maximum allowed is 500 ms; of stable's 150 requests 0.00% took longer than 500 ms"}
	codes(answer) == {"slow_ms"}
}

test_the_rollouts_own_figures_count_where_there_are_no_recent_ones if {
	bad := {"canary": {"error_rate_percent": 3, "slow_percent": 12.5}}
	answer := ask(unseen(analysing(bad)))
	answer.allow == false
	messages(answer) == {
		"error_rate is 3.00%, maximum allowed is 1.00%",
		"12.50% of the requests took longer than 500 ms, maximum allowed is 1.00%",
	}
	ask(analysing(bad)).allow == true
}

test_exactly_at_the_limits_passes if {
	at_limits := {"error_rate_percent": 1, "p99_latency_ms": 500}
	ask(object.union(analysing({}), at_limits)).allow == true
	ask(object.union(promoting({}), at_limits)).allow == true
}

# --- as slow as stable -----------------------------------------------------------------------------------------

slow_windows := [{
	"seconds": 5,
	"canary": {"requests": 50, "errors": 0, "slow": 4},
	"stable": {"requests": 150, "errors": 0, "slow": 12},
}]

both_slow(changes) := object.union(promoting(object.union({"windows": slow_windows}, changes)), {"p99_latency_ms": 900})

test_slowness_that_stable_has_too_denies_no_promotion if {
	answer := ask(both_slow({}))
	answer.allow == true
	answer.reasons == []
	answer.checked.p99_latency_ms == {"observed": 900, "limit": 500}
	ask(unseen(both_slow({"canary": {"slow_percent": 8}}))).allow == true
}

test_a_look_still_says_what_people_see if {
	answer := ask(object.union(both_slow({}), {"question": "analyse"}))
	answer.allow == false
	answer.verdict == "inconclusive"
	messages(answer) == {"p99_latency is 900 ms, maximum allowed is 500 ms; of stable's 150 requests 8.00% took longer than 500 ms"}
}

test_without_a_live_baseline_that_is_as_slow_the_limit_stays if {
	every changes in [
		{"windows": healthy.windows},
		{"windows": [{"seconds": 5, "canary": {"requests": 50, "errors": 0, "slow": 4}}]},
		{"windows": [{"seconds": 5, "canary": {"requests": 50}, "stable": {"requests": 150, "errors": "0", "slow": 12}}]},
		{"windows": [{"seconds": 5, "canary": {"requests": 50}, "stable": {"requests": 150, "errors": 0}}]},
		{"step": {"weight": 91}}, {"stable": {"requests": 299}},
		{"canary": {"requests": 299}},
		{"evidence": {"slow": {"worse_than_stable": 100}}},
		{"weight": 100, "bake": {"seconds": 600, "elapsed_seconds": 20}},
	] {
		answer := ask(both_slow(changes))
		answer.allow == false
		codes(answer) == {"slow_ms"}
	}
	alone := object.union(asking("promote", object.remove(healthy, ["stable", "windows"])), {"canary": {"windows": []}, "p99_latency_ms": 900})
	messages(ask(alone)) == {"p99_latency is 900 ms, maximum allowed is 500 ms"}
}

test_errors_are_not_excused_and_the_denial_says_stables if {
	failing := [{"seconds": 5, "canary": {"requests": 50, "errors": 4, "slow": 0}, "stable": {"requests": 150, "errors": 12, "slow": 0}}]
	answer := ask(object.union(promoting({"windows": failing}), {"error_rate_percent": 8}))
	answer.allow == false
	messages(answer) == {"error_rate is 8.00%, maximum allowed is 1.00%; stable's is 8.00% of 150 requests"}
}

# --- harm ------------------------------------------------------------------------------------------------------

harm := object.union(calm, {"worse_than_limit": 250.7, "better_than_limit": 0, "worse_than_stable": 120})

harmed(kind) := {"evidence": {kind: harm}}

test_evidence_of_errors_takes_the_canary_back if {
	answer := ask(analysing(harmed("errors")))
	answer.allow == false
	answer.verdict == "rollback"
	answer.reasons == [{
		"code": "harmful_errors",
		"message": "1 of the canary's 1000 requests failed, at most 1.00% may: odds of 250 to 1, 100 to 1 is enough; odds of 120 to 1 that stable does better, 100 to 1 is enough",
		"observed": 250.7,
		"limit": 100,
	}]
}

test_evidence_of_slowness_takes_the_canary_back if {
	answer := ask(analysing(harmed("slow")))
	answer.allow == false
	answer.verdict == "rollback"
	codes(answer) == {"harmful_slow"}
}

test_evidence_as_strong_as_its_threshold_is_enough if {
	exact := {"evidence": {"errors": {"worse_than_limit": 100, "worse_than_stable": 100}}}
	ask(analysing(exact)).verdict == "rollback"
	weaker := {"evidence": {"errors": {"worse_than_limit": 99.9, "worse_than_stable": 100}}}
	ask(analysing(weaker)).verdict != "rollback"
}

test_harm_waits_for_no_hold_and_for_no_person if {
	every step in [{"elapsed_seconds": 1}, {"paused": true}] {
		ask(analysing(object.union(harmed("errors"), {"step": step}))).verdict == "rollback"
	}
}

test_harm_denies_a_promotion_whatever_the_last_seconds_say if {
	answer := ask(promoting(harmed("errors")))
	answer.allow == false
	answer.verdict == "rollback"
	codes(answer) == {"harmful_errors"}
}

test_a_stable_that_is_as_bad_explains_it if {
	every kind in ["errors", "slow"] {
		shared := {"evidence": {kind: {"worse_than_limit": 1e9, "better_than_limit": 0, "worse_than_stable": 99}}}
		answer := ask(analysing(shared))
		answer.verdict == "inconclusive"
		answer.allow == true
		ask(object.union(analysing(shared), {"error_rate_percent": 30})).allow == false
	}
}

test_without_a_baseline_the_limit_alone_decides if {
	# No comparison was ever made: all that is known is the canary's alone.
	none := object.remove(healthy, ["stable"])
	idle := object.union(healthy, {"stable": {"requests": 0}})
	every facts in [none, idle] {
		answer := ask(asking("analyse", object.union(facts, standing_by(1000, 1e9))))
		answer.verdict == "rollback"
		messages(answer) == {"1 of the canary's 1000 requests failed, at most 1.00% may: odds of over 1000000 to 1, 100 to 1 is enough"}
	}
}

# Far above the limit, and as bad as stable while that answered.
standing_by(requests, odds) := {"evidence": {"errors": {
	"worse_than_limit": 1e9,
	"better_than_limit": 0,
	"worse_than_stable": 1,
	"requests_since_stable": requests,
	"worse_than_limit_since_stable": odds,
}}}

little(weight, odds) := ask(analysing(object.union(
	object.union(standing_by(0, 1), {"step": {"weight": weight}}),
	{"evidence": {"errors": {"worse_than_limit_since_weight": odds}}},
)))

test_a_share_that_leaves_stable_little_is_judged_by_the_limit_since_it_was_given if {
	every weight in [91, 100] {
		answer := little(weight, 100)
		answer.verdict == "rollback"
		messages(answer) == {"1 of the canary's 1000 requests failed, at most 1.00% may: odds of over 1000000 to 1, 100 to 1 is enough"}
		little(weight, 99).verdict == "inconclusive"
	}
	little(90, 100).verdict == "inconclusive"
}

test_what_both_suffered_blames_nobody_when_stable_falls_silent if {
	answer := ask(analysing(standing_by(1000, 0.2)))
	answer.verdict == "inconclusive"
	answer.allow == true
	blamed := ask(analysing(standing_by(1000, 100)))
	blamed.verdict == "rollback"
	messages(blamed) == {"1 of the canary's 1000 requests failed, at most 1.00% may: odds of over 1000000 to 1, 100 to 1 is enough; stable has answered none since the canary's last 1000: odds of 100 to 1 in these"}
}

test_a_canary_worse_than_stable_stays_so_when_stable_falls_silent if {
	ask(analysing({"evidence": {"errors": object.union(harm, {"requests_since_stable": 1000})}})).verdict == "rollback"
}

test_stable_has_a_fair_chance_to_answer_before_it_is_taken_for_silent if {
	every at in [
		{"weight": 0, "missed": 10, "stable": 0},
		{"weight": 50, "missed": 20, "stable": 0},
		{"weight": 90, "missed": 100, "stable": 3000},
	] {
		facts := {"step": {"weight": at.weight}, "stable": {"requests": at.stable}}
		ask(analysing(object.union(standing_by(at.missed, 1e9), facts))).verdict == "rollback"
		ask(analysing(object.union(standing_by(at.missed - 1, 1e9), facts))).verdict == "inconclusive"
	}
}

test_a_controller_that_does_not_tell_these_is_believed_in_what_it_tells if {
	told := json.remove(object.union(healthy, standing_by(0, 1)), [
		["evidence", "errors", "requests_since_stable"],
		["evidence", "errors", "worse_than_limit_since_stable"],
		["evidence", "errors", "worse_than_limit_since_weight"],
	])
	ask(asking("analyse", told)).verdict == "inconclusive"
	ask(asking("analyse", object.remove(told, ["stable"]))).verdict == "rollback"
	ask(asking("analyse", object.union(told, {"step": {"weight": 100}}))).verdict == "rollback"
}

test_broken_evidence_of_the_time_alone_blames_nobody if {
	answer := ask(analysing(standing_by(1000, "1e9")))
	answer.allow == false
	answer.verdict == "inconclusive"
	codes(answer) == {"fact_not_a_number"}
}

test_a_stable_whose_replica_has_just_ended_still_explains_it if {
	alone := {"weight": 100, "step": {"weight": 50}}
	shared := {"evidence": {"errors": {"worse_than_limit": 1e9, "better_than_limit": 0, "worse_than_stable": 0.3}}}
	ask(analysing(object.union(alone, shared))).verdict == "inconclusive"
	ask(analysing(object.union(alone, standing_by(19, 1e9)))).verdict == "inconclusive"
	ask(analysing(object.union(alone, standing_by(20, 1e9)))).verdict == "rollback"
}

test_in_a_bake_stable_explains_what_it_was_like_before if {
	bake := {
		"weight": 100,
		"bake": {"seconds": 600, "elapsed_seconds": 20},
		"windows": [{"seconds": 1, "canary": {"requests": 50, "errors": 2, "slow": 0}}],
	}
	as_before := {"evidence": {"errors": {"worse_than_limit": 1e9, "better_than_limit": 0, "worse_than_stable": 2}}}
	ask(analysing(object.union(bake, as_before))).verdict == "inconclusive"
	little := {"stable": {"requests": 299}}
	ask(analysing(object.union(object.union(bake, as_before), little))).verdict == "rollback"
	answer := ask(analysing(object.union(bake, harmed("errors"))))
	answer.verdict == "rollback"
	answer.allow == false
}

test_evidence_without_a_comparison_has_no_baseline if {
	alone := object.union(object.remove(calm, ["worse_than_stable"]), {"worse_than_limit": 100, "worse_than_limit_since_stable": 100})
	facts := object.union(object.remove(healthy, ["evidence"]), {"evidence": {"errors": alone, "slow": calm}})
	ask(asking("analyse", object.union(facts, {"evidence": {"errors": {"requests_since_stable": 14}}}))).verdict == "rollback"

	# Its first second is not over yet, for instance.
	ask(asking("analyse", facts)).verdict == "advance"
}

test_restarts_beyond_those_of_stable_take_the_canary_back if {
	answer := ask(analysing({"canary": {"restarts": 3}}))
	answer.allow == false
	answer.verdict == "rollback"
	messages(answer) == {"the canary was restarted 3 times, at most 2 is allowed"}
	answer.checked.canary_restarts == {"observed": 3, "limit": 2}
	ask(analysing({"canary": {"restarts": 2}})).verdict == "advance"
	ask(analysing({"canary": {"restarts": 3}, "stable": {"restarts": 3}})).verdict == "advance"
	alone := object.remove(object.union(healthy, {"canary": {"restarts": 3}}), ["stable"])
	ask(asking("analyse", alone)).verdict == "rollback"
}

test_a_canary_without_memory_is_taken_back if {
	answer := ask(analysing({"canary": {"oom_kills": 1}}))
	answer.verdict == "rollback"
	messages(answer) == {"the canary ran out of memory 1 times, at most 0 is allowed"}
	ask(analysing({"canary": {"oom_kills": 1}, "stable": {"oom_kills": 1}})).verdict == "advance"
}

test_of_the_same_spec_no_version_is_to_blame if {
	facts := object.union(harmed("errors"), {"same_spec": true})
	answer := ask(analysing(facts))
	answer.allow == false
	answer.verdict == "hold"
	ask_with(analysing(facts), {"on_harm_of_same_spec": "rollback"}).verdict == "rollback"
}

# --- verdicts --------------------------------------------------------------------------------------------------

test_a_hold_is_held if ask(analysing({"step": {"elapsed_seconds": 59.9}})).verdict == "hold"

test_a_hold_longer_than_the_deadline_is_held_without_a_warning if {
	answer := ask(analysing({"step": {"elapsed_seconds": 59.9}, "deadline_seconds": 30}))
	answer.verdict == "hold"
	answer.warnings == []
}

test_a_pause_is_a_persons_to_end if {
	pause := object.remove(healthy.step, ["hold_seconds"])
	facts := object.union(object.remove(healthy, ["step"]), {"step": object.union(pause, {"paused": true, "elapsed_seconds": 1000000})})
	answer := ask_with(asking("analyse", facts), {"on_deadline": "rollback"})
	answer.verdict == "hold"
	answer.allow == true
}

test_too_little_evidence_is_inconclusive_and_neither_good_nor_bad if {
	every kind in ["errors", "slow"] {
		answer := ask(analysing({"evidence": {kind: {"better_than_limit": 19.9}}}))
		answer.verdict == "inconclusive"
		answer.allow == true
	}
}

test_silence_in_this_step_never_advances if {
	ask(analysing({"silent_seconds": 90})).verdict == "inconclusive"
	ask(analysing({"silent_seconds": 89})).verdict == "advance"
}

silence := {
	"step": {"elapsed_seconds": 3600},
	"silent_seconds": 3600,
	"canary": {"requests": 0, "errors": 0, "slow": 0},
	"evidence": {
		"errors": {"worse_than_limit": 1, "better_than_limit": 1, "worse_than_stable": 1},
		"slow": {"worse_than_limit": 1, "better_than_limit": 1, "worse_than_stable": 1},
	},
}

silent(changes) := unseen(asking("analyse", object.union(
	object.union(object.remove(healthy, ["canary"]), silence),
	object.union({"canary": {"requests": 0, "errors": 0, "slow": 0, "restarts": 0, "oom_kills": 0}}, changes),
)))

test_silence_is_decided_by_data_at_the_deadline_and_by_nobody_before if {
	before := silent({"step": {"elapsed_seconds": 3599}})
	ask(before).verdict == "inconclusive"
	ask(before).warnings == []
	ask_with(before, {"on_deadline": "rollback"}).verdict == "inconclusive"
	ask(silent({})).verdict == "hold"
	ask(silent({})).allow == true
	{warning.message | some warning in ask(silent({})).warnings} == {"undecided at its deadline of 3600 s, and held, as data.canary.on_deadline says"}
	answer := ask_with(silent({}), {"on_deadline": "rollback"})
	answer.verdict == "rollback"
	answer.allow == false
	answer.warnings == []
	messages(answer) == {"undecided for 3600 s, the deadline is 3600 s: data.canary.on_deadline is rollback"}
}

test_a_proven_canary_has_no_deadline if {
	late := {"step": {"elapsed_seconds": 100000}}
	ask_with(analysing(late), {"on_deadline": "rollback"}).verdict == "advance"
}

test_a_bad_half_minute_of_a_proven_canary_is_no_deadline if {
	late := object.union(analysing({"step": {"elapsed_seconds": 86400}}), {"error_rate_percent": 2.5, "requests": 40})
	every choice in ["hold", "rollback"] {
		answer := ask_with(late, {"on_deadline": choice})
		answer.verdict == "inconclusive"
		answer.warnings == []
		codes(answer) == {"max_error_percent"}
	}
	unproven := object.union(late, {"canary": object.union(late.canary, {"evidence": {"errors": calm, "slow": object.union(calm, {"better_than_limit": 19})}})})
	ask_with(unproven, {"on_deadline": "rollback"}).verdict == "rollback"
	unheard := object.union(late, {"canary": object.union(late.canary, {"silent_seconds": 86400})})
	ask_with(unheard, {"on_deadline": "rollback"}).verdict == "rollback"
}

# --- promotion -------------------------------------------------------------------------------------------------

test_a_promotion_without_traffic_is_denied if {
	answer := ask(object.union(silent({}), {"question": "promote"}))
	answer.allow == false
	messages(answer) == {"the canary had 0 requests, 1 or more are needed to judge it: send it some, or promote it all the same with --override \"why\""}
	codes(answer) == {"too_little_traffic"}
}

test_what_is_of_the_same_spec_needs_no_proof if {
	bad := object.union(promoting(object.union(harmed("errors"), {"same_spec": true})), {"error_rate_percent": 50})
	answer := ask(bad)
	answer.allow == true
	answer.reasons == []
	ask(object.union(bad, {"canary": {"same_spec": "true"}})).allow == false
}

test_parts_of_the_stack_are_no_canarys_business if {
	answer := ask({"question": "promote", "step": step, "part": {"kind": "network", "name": "demo-net"}})
	answer.allow == true
	answer.reasons == []
	not answer.verdict
}

test_a_promotion_of_nobody_knows_what_is_denied if {
	every request in [
		{"question": "promote", "step": step},
		{"question": "promote", "step": step, "part": {"kind": "network"}},
		{"question": "promote", "step": step, "service": service, "part": {"kind": "network", "name": "n"}},
		{"question": "promote", "step": step, "service": service, "canary": null},
		{"question": "analyse", "step": step, "service": service},
	] {
		answer := ask(request)
		answer.allow == false
		codes(answer) == {"fact_missing"}
	}
}

# --- the way back ----------------------------------------------------------------------------------------------

test_going_back_is_never_refused if {
	ask({"question": "rollback"}).allow == true
	ask(asking("rollback", healthy)).allow == true
	ask(asking("rollback", "nonsense")).allow == true
	ask_with(asking("rollback", healthy), {"thresholds": null}).allow == true
}

test_the_way_back_records_why if {
	answer := ask(asking("rollback", object.union(healthy, harmed("errors"))))
	answer.allow == true
	answer.verdict == "rollback"
	codes(answer) == {"harmful_errors"}
	answer.checked.errors_worse_than_limit == {"observed": 250.7, "limit": 100}
	not ask({"question": "rollback"}).verdict
}

# --- questions -------------------------------------------------------------------------------------------------

test_odd_inputs_are_denied if {
	every request in [{}, null, [], "promote", {"question": ["promote"]}] {
		answer := ask(request)
		answer.allow == false
		codes(answer) == {"unknown_question"}
	}
}

test_no_input_is_denied if {
	answer := canary.decision with data.canary as settings
	answer.allow == false
	answer.question == null
	codes(answer) == {"unknown_question"}
}

test_a_question_of_other_domains_is_denied_and_echoed if {
	every question in ["deploy", "override"] {
		answer := ask(asking(question, healthy))
		answer.allow == false
		answer.question == question
		codes(answer) == {"unknown_question"}
	}
}

# --- facts -----------------------------------------------------------------------------------------------------

# All but those that stand at the top of the input.
inner := {name | some name in object.keys(canary.figures); not startswith(name, "recent.")}

# In one decision: every figure has a reason of its own, and one reason is enough to deny.
all_figures(value) := object.union(healthy, object.union_n([nested(place(name), value) | some name in inner]))

# Below `canary`.
place(name) := array.slice(canary.figures[name].path, 1, 9)

nested([a], value) := {a: value}

nested([a, b], value) := {a: {b: value}}

nested([a, b, c], value) := {a: {b: {c: value}}}

reasons_of(answer, code) := {reason.message | some reason in answer.reasons; reason.code == code}

test_each_missing_fact_has_its_reason if {
	paths := {array.slice(canary.figures[name].path, 1, 9) | some name in (inner - {"requests"})}
	bare := json.remove(healthy, paths | {["step", "paused"], ["same_spec"]})
	optional := {"step.hold_seconds", "requests"} | {sprintf("%s.%s", [kind, about]) |
		some kind in ["errors", "slow"]
		some about in ["worse_than_stable", "worse_than_limit_since_stable", "worse_than_limit_since_weight", "requests_since_stable"]
	}
	answer := ask(unseen(asking("promote", bare)))
	answer.allow == false
	answer.verdict == "inconclusive"
	messages(answer) == {sprintf("%s of the canary is unknown, and without it nothing is allowed", [name]) |
		some name in ((inner - optional) | {"step.paused", "same_spec"})
	}
}

test_one_missing_fact_is_enough_to_deny if {
	every path in [["canary", "requests"], ["step", "hold_seconds"], ["stable", "requests"], ["same_spec"], ["step", "paused"]] {
		answer := ask(asking("promote", json.remove(healthy, [path])))
		answer.allow == false
		codes(answer) == {"fact_missing"}
		answer.verdict != "advance"
	}
}

test_each_null_is_missing if {
	answer := ask(asking("analyse", all_figures(null)))
	answer.allow == false
	answer.verdict == "inconclusive"
	count(reasons_of(answer, "fact_missing")) == count(inner)
	codes(ask(object.union(analysing({}), {"error_rate_percent": null}))) == {"fact_missing"}
	codes(ask(analysing({"evidence": {"slow": {"worse_than_stable": null}}}))) == {"fact_missing"}
	every name in ["error_rate_percent", "p99_latency_ms", "requests"] {
		codes(ask(object.remove(promoting({}), [name]))) == {"fact_missing"}
	}
}

test_each_fact_that_is_no_number_is_a_denial if {
	answer := ask(asking("analyse", all_figures("1")))
	answer.allow == false
	answer.verdict == "inconclusive"
	count(reasons_of(answer, "fact_not_a_number")) == count(inner)
	codes(ask(analysing({"step": {"weight": "25"}}))) == {"fact_not_a_number"}
}

test_each_negative_fact_is_a_denial if {
	answer := ask(asking("analyse", all_figures(-1)))
	answer.allow == false
	answer.verdict == "inconclusive"
	count(reasons_of(answer, "fact_out_of_range")) == count(inner)
	codes(ask(analysing({"step": {"weight": -1}}))) == {"fact_out_of_range"}
}

test_strings_are_no_evidence_however_large_they_sort if {
	answer := ask(analysing({"evidence": {"errors": {"worse_than_limit": "999", "worse_than_stable": "999"}}}))
	answer.allow == false
	answer.verdict != "rollback"
}

test_a_broken_comparison_blames_nobody if {
	answer := ask(analysing({"evidence": {"errors": {"worse_than_limit": 1e9, "better_than_limit": 0, "worse_than_stable": "1e9"}}}))
	answer.allow == false
	answer.verdict == "inconclusive"
}

test_absurd_facts_are_a_denial if {
	every changes in [
		{"step": {"weight": 101}}, {"canary": {"requests": 1e300}}, {"canary": {"error_rate_percent": 100.1}},
		{"canary": {"errors": 1001}}, {"canary": {"slow": 1001}}, {"silent_seconds": 1e12},
	] {
		answer := ask(analysing(changes))
		answer.allow == false
		codes(answer) == {"fact_out_of_range"}
		answer.verdict != "advance"
	}
}

test_odd_recent_figures_are_a_denial if {
	every name in ["error_rate_percent", "p99_latency_ms"] {
		every value in ["1", -1] {
			answer := ask(object.union(object.remove(analysing({}), [name]), {name: value}))
			answer.allow == false
			count(codes(answer) & {"fact_not_a_number", "fact_out_of_range"}) == 1
		}
	}
}

test_odd_windows_are_a_denial if {
	answer := ask(analysing({"windows": [{"seconds": 5, "canary": {"requests": "7"}}]}))
	answer.allow == false
	codes(answer) == {"fact_malformed"}
	codes(ask(asking("promote", object.remove(healthy, ["windows"])))) == {"fact_malformed"}
	every window in [7, "5", {"seconds": 5}, {"canary": {"requests": 7}, "stable": {"requests": -1}}] {
		not canary.is_window(window)
	}
	ask(analysing({"windows": []})).allow == true
	codes(ask(analysing({"stable": null}))) == {"fact_missing"}
}

test_evidence_about_another_limit_proves_nothing if {
	looser := {"evidence": {"errors": object.union(harm, {"limit_percent": 0.5})}}
	answer := ask(analysing(looser))
	answer.allow == false
	answer.verdict == "inconclusive"
	messages(answer) == {"the evidence of errors is about a limit of 0.50%, the limit is 1.00%"}
	stricter := {"evidence": {"errors": {"limit_percent": 2}}}
	ask(analysing(stricter)).verdict == "inconclusive"
	ask(analysing({"evidence": {"errors": object.union(harm, {"limit_percent": 2})}})).verdict == "rollback"
	ask(analysing({"evidence": {"errors": {"limit_percent": 1.0000000001}}})).verdict == "advance"
}

# --- limits from the manifest ----------------------------------------------------------------------------------

limited(limits) := object.union(object.remove(promoting({}), ["limits"]), {"limits": limits})

limits_by(wanted) := limits if {
	limits := canary.limits with input as {"limits": wanted} with data.canary as settings
}

test_a_manifest_can_tighten_what_people_see if {
	codes(ask(limited({"max_error_rate": 0.001, "p99_latency_ms": 100, "min_requests": 1001}))) == {"max_error_percent", "slow_ms", "too_little_traffic", "evidence_of_another_limit"}
}

test_thresholds_have_the_names_of_older_tools if {
	every name in ["max_error_percent", "max_error_rate_percent", "error_rate_percent"] {
		limits_by({name: 0.5}).max_error_percent == 0.5
	}
	every name in ["max_error_rate", "error_rate"] { limits_by({name: 0.005}).max_error_percent == 0.5 }
	every name in ["slow_ms", "max_p99_latency_ms", "p99_latency_ms", "max_p99_ms", "p99_ms", "max_latency_ms", "max_latency_p99_ms"] {
		limits_by({name: 100}).slow_ms == 100
	}
	every name in ["min_requests_to_promote", "min_requests"] { limits_by({name: 50}).min_requests_to_promote == 50 }
}

test_a_manifest_can_tighten_the_evidence if {
	ask(object.union(analysing({}), {"limits": {"evidence_of_health": 151}})).verdict == "inconclusive"
	some_harm := analysing({"evidence": {"errors": {"worse_than_limit": 50, "worse_than_stable": 50}}})
	tight := {"limits": {"evidence_of_harm": 50, "evidence_of_harm_vs_stable": 50}}
	ask(object.union(some_harm, tight)).verdict == "rollback"
	ask(some_harm).verdict != "rollback"
	ask(object.union(analysing({"canary": {"restarts": 1}}), {"limits": {"max_restarts": 0}})).verdict == "rollback"
}

test_a_manifest_cannot_loosen_anything if {
	loose := {"limits": {
		"max_error_percent": 50, "max_error_rate": 0.5, "slow_ms": 60000, "p99_latency_ms": 60000, "max_slow_percent": 50,
		"evidence_of_harm": 1e9, "evidence_of_harm_vs_stable": 1e9, "evidence_of_health": 0,
		"min_requests_to_promote": 0, "max_restarts": 99, "max_oom_kills": 99,
	}}
	bad := object.union(promoting(object.union(harmed("errors"), {"canary": {"oom_kills": 1, "restarts": 3}})), {"error_rate_percent": 5, "p99_latency_ms": 900})
	codes(ask(object.union(bad, loose))) == {"harmful_errors", "harmful_restarts", "harmful_oom_kills", "max_error_percent", "slow_ms"}
}

test_the_window_of_older_tools_means_nothing_and_breaks_nothing if {
	ask(limited({"window_seconds": 30, "evaluation_window_seconds": 30, "window": 30})).allow == true
}

test_a_broken_limit_is_a_denial if {
	broken := {"max_error_percent": "1", "slow_ms": null, "max_slow_percent": true, "max_restarts": -1, "max_eror_percent": 1, "min_baseline_percent": 1}
	answer := ask(limited(broken))
	answer.allow == false
	count(reasons_of(answer, "limit_malformed")) == 4
	count(reasons_of(answer, "limit_unknown")) == 2
	codes(ask(limited({"max_error_percent": "1"}))) == {"limit_malformed"}
	codes(ask(limited({"max_eror_percent": 1}))) == {"limit_unknown"}
	codes(ask(limited([1]))) == {"limits_malformed"}
}

# --- data ------------------------------------------------------------------------------------------------------

test_a_missing_or_broken_threshold_is_a_denial if {
	broken := {"max_error_percent": null, "slow_ms": "500", "evidence_of_harm": -1, "max_restarts": false}
	answer := ask_with(promoting({}), {"thresholds": broken})
	answer.allow == false
	count(reasons_of(answer, "threshold_missing")) == 4
	answer.verdict != "advance"
	codes(ask_with(promoting({}), {"thresholds": {"max_oom_kills": null}})) == {"threshold_missing"}
}

test_a_missing_or_unknown_choice_is_a_denial_and_no_verdict if {
	answer := ask_with(promoting({}), {"on_deadline": "advance", "on_harm_of_same_spec": null})
	answer.allow == false
	count(reasons_of(answer, "choice_unknown")) == 2
	ask_with(silent({}), {"on_deadline": "advance"}).verdict == "inconclusive"
}

test_without_data_everything_is_denied_with_reasons if {
	answer := canary.decision with input as promoting({}) with data.canary as null
	answer.allow == false
	answer.verdict != "advance"
	count(reasons_of(answer, "threshold_missing")) == count(thresholds)
	count(reasons_of(answer, "choice_unknown")) == 2
}

# --- the data that stands here ---------------------------------------------------------------------------------

set_thresholds := object.get(canary.settings, "thresholds", {})

test_every_threshold_in_data_is_a_number if {
	every name in object.keys(canary.bounds) {
		value := object.get(set_thresholds, name, "missing")
		print(sprintf("thresholds.%v in canary/data.json is %v, and has to be a number from 0", [name, json.marshal(value)]))
		canary.is_limit(value)
	}
}

test_every_threshold_in_data_is_known if {
	every name, _ in set_thresholds {
		print(sprintf("thresholds.%v in canary/data.json is not known, known are %v", [
			name,
			concat(", ", object.keys(canary.bounds)),
		]))
		canary.bounds[name]
	}
}

test_every_choice_in_data_is_known if {
	every name, known in canary.choices {
		value := object.get(canary.settings, name, "missing")
		print(sprintf("%v in canary/data.json is %v: write %v", [name, json.marshal(value), concat(" or ", sort(known))]))
		value in known
	}
}
