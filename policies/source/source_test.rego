package swiftdeploy.source_test

import data.swiftdeploy.source
import rego.v1

# The tests bring their own data: tuning data.json is not a failed test.
all_of(word) := {rule: word | some rule in source.rules}

settings := {
	"enforcement": all_of("deny"),
	"freeze": [],
	"windows": {"deny": [], "allow": []},
	"authors": {"deny": [], "allow": []},
	"paths_need_signer": [],
}

commit := {
	"revision": "0123456789abcdef0123456789abcdef01234567",
	"ref": "main",
	"author": "Ann <Ann@example.com>",
	"subject": "Version 2",
	"committed_at": "2026-11-20T16:00:00.000Z",
	"changed_paths": ["manifest.yaml", "policies/source/data.json", "policies/freeze/data.json"],
}

# 2026-11-20 is a Friday; Berlin is an hour ahead of UTC, and here the controller's own zone is two hours behind.
at(utc) := {
	"question": "deploy",
	"step": {"kind": "createContainer", "target": "app-stable-1", "cause": "version changed"},
	"host": {},
	"limits": {},
	"time": {"utc": utc, "weekday": "friday", "hour": 0, "minute": 0, "offset_minutes": -120},
	"source": commit,
}

friday_noon := at("2026-11-20T12:00:00.000Z")

ask(request, changes) := answer if {
	answer := source.decision with input as request with data.source as object.union(settings, changes)
}

# Of a change of the commit.
from_commit(changes) := object.union(object.remove(friday_noon, ["source"]), {"source": object.union(commit, changes)})

lacking(field) := object.union(object.remove(friday_noon, ["source"]), {"source": object.remove(commit, [field])})

codes(answer) := {reason.code | some reason in answer.reasons}

messages(answer) := {reason.message | some reason in answer.reasons}

# --- nothing is set --------------------------------------------------------------------------------------------

test_nothing_set_allows_whatever_is_known_or_not if {
	every question in source.questions {
		answer := ask(object.union(friday_noon, {"question": question}), {})
		answer.allow == true
		answer.reasons == []
		answer.warnings == []
		answer.domain == "source"
		answer.question == question
		answer.checked == {"rules_kept": {"observed": 0, "limit": 0}}
	}
	ask({"question": "deploy"}, {}).allow == true
}

test_what_goes_forward_is_asked_and_nothing_else if {
	source.questions == {"deploy", "replace", "start_canary", "promote"}
	every question in ["heal", "rollback", "remove", "analyse", "reboot"] {
		answer := ask(object.union(friday_noon, {"question": question}), {})
		answer.allow == false
		answer.question == question
		codes(answer) == {"unknown_question"}
	}
}

test_odd_inputs_are_denied if {
	every request in [{}, null, [], "deploy", {"question": ["deploy"]}] {
		answer := ask(request, {})
		answer.allow == false
		"unknown_question" in codes(answer)
	}
}

test_no_input_is_denied if {
	answer := source.decision with data.source as settings
	answer.allow == false
	answer.question == null
	codes(answer) == {"unknown_question"}
}

test_a_manifest_has_nothing_to_tighten if {
	every limits in [{"freeze": 1}, "freeze", [1]] {
		answer := ask(object.union(object.remove(friday_noon, ["limits"]), {"limits": limits}), {})
		answer.allow == false
		codes(answer) == {"limit_unknown"}
	}
}

# --- freeze ----------------------------------------------------------------------------------------------------

christmas := {"freeze": [{"from": "2026-12-20T00:00:00+01:00", "to": "2027-01-04T08:00:00+01:00", "why": "the shop sells"}]}

test_a_freeze_holds_from_its_beginning_until_its_end if {
	every utc in ["2026-12-19T22:59:59.999Z", "2027-01-04T07:00:00.000Z"] { ask(at(utc), christmas).allow == true }
	every utc in ["2026-12-19T23:00:00.000Z", "2027-01-04T06:59:59.999Z"] {
		answer := ask(at(utc), christmas)
		answer.allow == false
		messages(answer) == {"frozen from 2026-12-20T00:00:00+01:00 to 2027-01-04T08:00:00+01:00: the shop sells"}
		answer.checked == {"rules_kept": {"observed": 0, "limit": 1}, "time": {"observed": utc}}
	}
}

test_one_freeze_of_several_is_enough if {
	earlier := {"from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z", "why": "the move"}
	answer := ask(friday_noon, {"freeze": array.concat(christmas.freeze, [earlier])})
	answer.reasons == [{
		"code": "freeze",
		"message": "frozen from 2026-11-20T00:00:00Z to 2026-11-21T00:00:00Z: the move",
		"observed": "2026-11-20",
		"limit": "2026-11-21T00:00:00Z",
	}]
}

# --- windows ---------------------------------------------------------------------------------------------------

friday_evening := {"days": ["friday"], "from": "16:00", "to": "24:00", "timezone": "Europe/Berlin", "why": "nobody is there at the weekend"}

closed(changes) := {"windows": {"deny": [object.union(friday_evening, changes)]}}

open(changes) := {"windows": {"allow": [object.union(object.remove(friday_evening, ["why"]), changes)]}}

test_no_deploys_on_friday_evening if {
	every utc in ["2026-11-20T15:00:00.000Z", "2026-11-20T22:59:59.999Z"] {
		answer := ask(at(utc), closed({}))
		answer.allow == false
		answer.reasons == [{
			"code": "windows",
			"message": "closed friday from 16:00 to 24:00 (Europe/Berlin): nobody is there at the weekend",
			"observed": "friday",
			"limit": "not friday from 16:00 to 24:00 (Europe/Berlin)",
		}]
	}
	every utc in ["2026-11-20T14:59:59.999Z", "2026-11-20T23:00:00.000Z", "2026-11-19T15:00:00.000Z", "2026-11-27T14:00:00.000Z"] {
		answer := ask(at(utc), closed({}))
		answer.allow == true
		answer.checked == {"rules_kept": {"observed": 1, "limit": 1}, "time": {"observed": utc}}
	}
}

test_a_window_keeps_its_local_time_in_summer if {
	ask(at("2026-07-17T13:59:00.000Z"), closed({})).allow == true
	ask(at("2026-07-17T14:00:00.000Z"), closed({})).allow == false
}

test_a_window_goes_over_midnight_into_the_day_after if {
	night := closed({"days": ["friday", "saturday"], "from": "22:30", "to": "06:00", "timezone": "UTC"})
	every utc in ["2026-11-20T22:30:00Z", "2026-11-21T05:59:00Z", "2026-11-21T23:00:00Z", "2026-11-22T00:00:00Z"] {
		ask(at(utc), night).allow == false
	}
	every utc in ["2026-11-20T05:00:00Z", "2026-11-20T22:29:00Z", "2026-11-21T06:00:00Z", "2026-11-22T22:30:00Z"] {
		ask(at(utc), night).allow == true
	}
}

test_the_controllers_own_zone_is_local if {
	ask(at("2026-11-20T17:59:00.000Z"), closed({"timezone": "local"})).allow == true
	ask(at("2026-11-20T18:00:00.000Z"), closed({"timezone": "local"})).allow == false
	ask(at("2026-11-21T01:59:00.000Z"), closed({"timezone": "local"})).allow == false
}

test_open_windows_close_all_other_time if {
	office := open({"days": ["monday", "thursday"], "from": "09:00", "to": "16:00"})
	ask(at("2026-11-19T08:00:00.000Z"), office).allow == true
	answer := ask(friday_noon, office)
	answer.reasons == [{
		"code": "windows",
		"message": "open only monday, thursday from 09:00 to 16:00 (Europe/Berlin)",
		"observed": "friday",
		"limit": "monday, thursday from 09:00 to 16:00 (Europe/Berlin)",
	}]
}

test_what_is_open_and_closed_is_closed if {
	both := {"windows": {"deny": [friday_evening], "allow": [{"days": ["friday"], "from": "00:00", "to": "00:00", "timezone": "UTC"}]}}
	ask(friday_noon, both).allow == true
	codes(ask(at("2026-11-20T16:00:00.000Z"), both)) == {"windows"}
}

# --- a clock that nobody can read ------------------------------------------------------------------------------

unreadable := [null, {}, "friday", {"utc": "friday"}, {"utc": 7}, {"utc": "1970-01-01T00:00:07.000Z"}]

test_without_the_time_whatever_the_clock_decides_is_denied if {
	every time in unreadable {
		request := object.union(object.remove(friday_noon, ["time"]), {"time": time})
		answer := ask(request, object.union(christmas, closed({})))
		answer.allow == false
		messages(answer) == {
			"the time is unknown, and without it nothing is known to be outside of data.source.freeze",
			"the time is unknown, and without it nothing is known to be outside of data.source.windows",
		}
	}
	every set in [christmas, closed({}), open({})] { ask(object.remove(friday_noon, ["time"]), set).allow == false }
}

test_without_the_offset_nobody_knows_the_local_time if {
	every offset in [null, "120", 1441, -100000] {
		time := {"utc": friday_noon.time.utc, "offset_minutes": offset}
		request := object.union(object.remove(friday_noon, ["time"]), {"time": time})
		codes(ask(request, closed({"timezone": "local"}))) == {"windows"}
		ask(request, closed({})).allow == true
	}
}

# --- authors ---------------------------------------------------------------------------------------------------

test_authors_may_be_denied_by_address_or_whole if {
	every pattern in ["ann@example.com", "*@EXAMPLE.com", "Ann *", "*"] {
		answer := ask(friday_noon, {"authors": {"deny": ["bob@example.com", pattern]}})
		answer.allow == false
		messages(answer) == {"Ann <Ann@example.com> wrote the commit and is in data.source.authors.deny"}
		answer.checked.author == {"observed": "Ann <Ann@example.com>"}
	}
	every pattern in ["bob@example.com", "ann", "example.com"] {
		ask(friday_noon, {"authors": {"deny": [pattern]}}).allow == true
	}
}

test_a_list_of_allowed_authors_closes_all_others if {
	ask(friday_noon, {"authors": {"allow": ["*@example.com"]}}).allow == true
	answer := ask(friday_noon, {"authors": {"allow": ["*@example.org"]}})
	answer.allow == false
	messages(answer) == {"Ann <Ann@example.com> wrote the commit; data.source.authors.allow has *@example.org"}
	pretender := from_commit({"author": "ann@example.com <eve@example.org>"})
	ask(pretender, {"authors": {"allow": ["*@example.com"]}}).allow == false
}

test_who_is_allowed_and_denied_is_denied if {
	codes(ask(friday_noon, {"authors": {"allow": ["*"], "deny": ["ann@*"]}})) == {"authors"}
}

test_a_bare_name_is_an_author if {
	ask(from_commit({"author": "ann"}), {"authors": {"allow": ["ann"]}}).allow == true
}

test_without_an_author_nobody_is_known_to_be_allowed if {
	every lists in [{"allow": ["*"]}, {"deny": ["bob"]}] {
		every request in [object.remove(friday_noon, ["source"]), lacking("author"), from_commit({"author": " "})] {
			answer := ask(request, {"authors": lists})
			answer.allow == false
			messages(answer) == {"nobody knows who wrote this: data.source.authors wants a manifest that comes from a repository"}
		}
	}
}

# --- signatures ------------------------------------------------------------------------------------------------

signed_policies := {"paths_need_signer": ["policies/**", "*.pem"]}

test_a_change_of_what_needs_a_signer_is_denied_without if {
	answer := ask(friday_noon, signed_policies)
	answer.allow == false
	answer.reasons == [{
		"code": "paths_need_signer",
		"message": "policies/freeze/data.json and 1 more changed, and nobody signed for it: policies/** needs a signature that this host trusts",
		"observed": "policies/freeze/data.json and 1 more",
		"limit": "policies/**",
	}]
	answer.checked == {"rules_kept": {"observed": 0, "limit": 1}}
	single := ask(from_commit({"changed_paths": ["a.pem", "sub/b.pem"]}), signed_policies)
	messages(single) == {"a.pem changed, and nobody signed for it: *.pem needs a signature that this host trusts"}
}

test_a_signer_may_change_it if {
	answer := ask(from_commit({"signer": "ann@example.com"}), signed_policies)
	answer.allow == true
	answer.checked.signer == {"observed": "ann@example.com"}
	ask(object.union(lacking("changed_paths"), {"source": {"signer": "ann@example.com"}}), signed_policies).allow == true
}

test_other_paths_need_no_signer if {
	every paths in [[], ["manifest.yaml", "policies.md", "sub/policies/x.rego"]] {
		ask(from_commit({"changed_paths": paths}), signed_policies).allow == true
	}
}

test_nobody_signs_by_an_empty_word if {
	every signer in ["", " ", null, true, 7] {
		codes(ask(from_commit({"signer": signer}), signed_policies)) == {"paths_need_signer"}
	}
}

test_changes_that_nobody_knows_need_a_signer if {
	cut := {"changed_paths": [sprintf("docs/%d", [index]) | some index in numbers.range(1, 1000)]}
	odd := [from_commit({"changed_paths": paths}) | some paths in [null, "manifest.yaml", [7]]]
	requests := array.concat(odd, [from_commit(cut), lacking("changed_paths"), object.remove(friday_noon, ["source"])])
	every request in requests {
		answer := ask(request, signed_policies)
		answer.allow == false
		messages(answer) == {"nobody knows all that changed, and nobody signed for it: sign the commit with a key that this host trusts"}
	}
}

# --- enforcement -----------------------------------------------------------------------------------------------

# Breaks each rule once.
strict := {
	"freeze": [{"from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z", "why": "the move"}],
	"windows": {"deny": [object.union(friday_evening, {"from": "00:00"})]},
	"authors": {"deny": ["*"]},
	"paths_need_signer": ["manifest.yaml"],
}

test_each_rule_denies_where_it_says_deny if {
	answer := ask(friday_noon, strict)
	answer.allow == false
	codes(answer) == source.rules
	answer.warnings == []
	answer.checked.rules_kept == {"observed": 0, "limit": 4}
	every reason in answer.reasons { object.keys(reason) == {"code", "message", "observed", "limit"} }
}

test_each_rule_warns_where_it_says_warn if {
	answer := ask(friday_noon, object.union(strict, {"enforcement": all_of("warn")}))
	answer.allow == true
	answer.reasons == []
	{warning.code | some warning in answer.warnings} == source.rules
}

test_each_rule_is_silent_where_it_says_off if {
	answer := ask(friday_noon, object.union(strict, {"enforcement": all_of("off")}))
	answer.allow == true
	answer.reasons == []
	answer.warnings == []
	answer.checked == {"rules_kept": {"observed": 0, "limit": 0}}
}

test_an_unknown_word_denies_whatever_is_asked if {
	every word in ["DENY", null, 7] {
		answer := ask(friday_noon, {"enforcement": {"freeze": word}})
		answer.allow == false
		codes(answer) == {"enforcement_unknown"}
	}
}

test_without_data_everything_is_denied_with_reasons if {
	every nothing in [null, {}, "none", {"enforcement": ["deny"]}] {
		answer := source.decision with input as friday_noon with data.source as nothing
		answer.allow == false
		codes(answer) == {"enforcement_unknown"}
		count(answer.reasons) == 4
	}
}

# --- data that is not as it ought to be ------------------------------------------------------------------------

test_lists_that_are_not_there_are_empty if {
	answer := source.decision with input as friday_noon with data.source as {"enforcement": all_of("deny")}
	answer.allow == true
}

of_malformed(answer) := count([reason | some reason in answer.reasons; reason.code == "list_malformed"])

test_each_broken_list_denies_however_it_is_enforced if {
	every value in ["friday", null, {}, [{}]] {
		lists := {"deny": value, "allow": value}
		answer := ask(friday_noon, {
			"enforcement": all_of("off"), "freeze": value,
			"windows": lists, "authors": lists, "paths_need_signer": value,
		})
		answer.allow == false
		of_malformed(answer) == count(source.forms)
	}
}

test_a_list_in_the_place_of_two_is_none if {
	answer := ask(friday_noon, {"windows": [friday_evening], "authors": ["*@example.com"]})
	answer.allow == false
	messages(answer) == {
		sprintf("data.source.windows is %s, expected {deny, allow}", [json.marshal([friday_evening])]),
		`data.source.authors is ["*@example.com"], expected {deny, allow}`,
	}
}

test_a_pattern_that_matches_nothing_is_none if {
	answer := ask(friday_noon, {"authors": {"allow": ["["]}, "paths_need_signer": ["policies/**", ""]})
	of_malformed(answer) == 2
}

test_a_closed_window_says_why if {
	answer := ask(friday_noon, closed({"why": " "}))
	answer.allow == false
	codes(answer) == {"list_malformed"}
}

test_each_broken_freeze_is_found if {
	[freeze] := christmas.freeze
	source.is_freeze(freeze)
	every change in [
		{"from": "2026-12-20"}, {"to": "Christmas"}, {"to": freeze.from},
		{"to": "2025-01-04T08:00:00+01:00"}, {"why": ""}, {"from": null},
	] {
		not source.is_freeze(object.union(freeze, change))
	}
}

test_each_broken_window_is_found if {
	source.is_window(friday_evening)
	every change in [
		{"days": []}, {"days": ["Friday"]}, {"days": ["friday", "someday"]}, {"days": "friday"}, {"days": null},
		{"from": "4 pm"}, {"from": "24:00"}, {"from": 16}, {"to": "24:01"}, {"to": "7:00"}, {"to": null},
		{"timezone": "Berlin"}, {"timezone": ""}, {"timezone": "Local"}, {"timezone": 1}, {"timezone": null},
	] {
		not source.is_window(object.union(friday_evening, change))
	}
}

test_a_misspelt_setting_denies if {
	every change, place in {
		{"frezee": []}: "data.source.frezee",
		{"windows": {"denied": []}}: "data.source.windows.denied",
		{"authors": {"allowed": []}}: "data.source.authors.allowed",
		{"enforcement": {"window": "deny"}}: "data.source.enforcement.window",
	} {
		answer := ask(friday_noon, change)
		answer.allow == false
		codes(answer) == {"setting_unknown"}
		some reason in answer.reasons
		startswith(reason.message, sprintf("%s is no setting of this policy, known are ", [place]))
	}
}
