package swiftdeploy.admission_test

import data.swiftdeploy.admission
import rego.v1

# The tests bring their own data: tuning data.json is not a failed test.
all_of(word) := {rule: word | some rule in admission.rules}

settings := {
	"enforcement": all_of("deny"),
	"registries": [],
	"mutable_tags": ["latest", "main"],
	"capabilities": ["CHOWN", "NET_BIND_SERVICE"],
	"engine_sockets": ["/var/run/docker.sock", "/run/user/*/podman/podman.sock"],
	"host_folders_allowed": [],
	"host_folders_harmless": ["/etc/localtime"],
	"host_folders_system": ["/etc", "/var/lib/docker"],
	"published_addresses": [],
	"published_ports": [],
	"thresholds": {},
}

image_ref := {"registry": "ghcr.io", "repository": "acme/app", "tag": "1.2.3", "digest": "sha256:0123"}

service := {
	"name": "app",
	"mode": "stable",
	"track": "stable",
	"version": "1.2.3",
	"image": "ghcr.io/acme/app:1.2.3@sha256:0123",
	"image_ref": image_ref,
	"spec_hash": "abc",
	"replicas": 2,
	"user": "1000:1000",
	"cap_add": ["CHOWN"],
	"read_only": true,
	"tmpfs": [],
	"mounts": [volume("logs"), bind("/srv/app")],
	"env": ["TOKEN"],
	"resources": {"cpus": 0.5, "memory_bytes": 1500000000, "pids": 512},
	"restart_policy": "unless-stopped",
	"pull": "missing",
}

proxy := {
	"kind": "container",
	"name": "demo-proxy",
	"image": "ghcr.io/acme/nginx:1.30@sha256:0123",
	"image_ref": image_ref,
	"published": [{"address": "0.0.0.0", "port": 8080}, {"address": "127.0.0.1", "port": 0}],
}

volume(name) := {"type": "volume", "source": name, "target": "/data", "read_only": false}

bind(source) := link(source, source)

link(source, real) := object.union(lost(source), {"real_source": real})

lost(source) := {"type": "bind", "source": source, "target": "/data", "read_only": false}

step := {"kind": "createContainer", "target": "app-stable-1", "cause": "first deploy"}

asking(subject) := object.union({"question": "deploy", "step": step, "host": {}, "limits": {}}, subject)

serving(changes) := asking({"service": object.union(service, changes)})

without(field) := asking({"service": object.remove(service, [field])})

ask(request) := ask_with(request, {})

ask_with(request, changes) := answer if {
	answer := admission.decision with input as request with data.admission as object.union(settings, changes)
}

codes(answer) := {reason.code | some reason in answer.reasons}

messages(answer) := {reason.message | some reason in answer.reasons}

# --- allowed ---------------------------------------------------------------------------------------------------

test_a_strict_service_passes_every_rule if {
	answer := ask(serving({}))
	answer.allow == true
	answer.reasons == []
	answer.warnings == []
	answer.domain == "admission"
	answer.question == "deploy"
	answer.checked == {"rules_kept": {"observed": count(admission.rules), "limit": count(admission.rules)}}
}

test_all_that_starts_a_version_is_asked if {
	admission.questions == {"deploy", "replace", "start_canary", "promote"}
	ask(object.union(serving({}), {"question": "promote"})).allow == true
}

test_parts_of_the_stack_pass if {
	every part in [
		proxy,
		{"kind": "network", "name": "demo-net"},
		{"kind": "image", "name": proxy.image, "image": proxy.image, "image_ref": image_ref},
	] {
		ask(asking({"part": part})).allow == true
	}
}

# --- enforcement -----------------------------------------------------------------------------------------------

# Breaks each rule once.
careless := {
	"image": "acme/app",
	"image_ref": {"registry": "docker.io", "repository": "acme/app"},
	"user": "root",
	"cap_add": ["SYS_ADMIN"],
	"read_only": false,
	"mounts": [bind("/var/run/docker.sock"), bind("/etc")],
	"resources": {"pids": 512},
}

careless_request := asking({
	"service": object.union(object.remove(service, ["image_ref", "resources"]), careless),
	"part": proxy,
})

strict_lists := {"registries": ["ghcr.io"], "published_ports": [443]}

test_each_rule_denies_where_it_says_deny if {
	answer := ask_with(careless_request, strict_lists)
	answer.allow == false
	codes(answer) == admission.rules
	answer.warnings == []
	answer.checked.rules_kept == {"observed": 0, "limit": count(admission.rules)}
	answer.checked.host_mounts == {"observed": "/etc", "limit": "deny"}
	answer.checked.resource_limits == {"observed": "none", "limit": "deny"}
}

test_each_rule_warns_where_it_says_warn if {
	answer := ask_with(careless_request, object.union(strict_lists, {"enforcement": all_of("warn")}))
	answer.allow == true
	answer.reasons == []
	{warning.code | some warning in answer.warnings} == admission.rules
}

test_each_rule_is_silent_where_it_says_off if {
	answer := ask_with(careless_request, object.union(strict_lists, {"enforcement": all_of("off")}))
	answer.allow == true
	answer.reasons == []
	answer.warnings == []
	answer.checked == {"rules_kept": {"observed": 0, "limit": 0}}
}

test_every_finding_says_what_was_seen_and_wanted if {
	every reason in ask_with(careless_request, strict_lists).reasons {
		object.keys(reason) == {"code", "message", "observed", "limit"}
		is_string(reason.message)
	}
}

test_an_unknown_word_denies_whatever_is_asked if {
	every word in ["DENY", null] {
		answer := ask_with(serving({}), {"enforcement": {"non_root": word}})
		answer.allow == false
		codes(answer) == {"enforcement_unknown"}
	}
	all_unknown := ask_with(serving({}), {"enforcement": all_of("dney")})
	count(all_unknown.reasons) == count(admission.rules)
}

test_a_missing_entry_denies_whatever_is_asked if {
	bare := object.union(object.remove(settings, ["enforcement"]), {"enforcement": object.remove(all_of("deny"), ["non_root"])})
	answer := admission.decision with input as serving({}) with data.admission as bare
	answer.allow == false
	messages(answer) == {"data.admission.enforcement.non_root is null: write deny, warn or off"}
}

test_without_data_everything_is_denied_with_reasons if {
	every nothing in [null, {}, {"enforcement": ["deny"]}] {
		answer := admission.decision with input as serving({}) with data.admission as nothing
		answer.allow == false
		codes(answer) == {"enforcement_unknown", "list_malformed"}
	}
}

# --- images ----------------------------------------------------------------------------------------------------

test_registries_and_repositories_in_them_may_be_listed if {
	every registry in ["ghcr.io", "ghcr.io/acme", "ghcr.io/acme/", "ghcr.io/acme/app"] {
		admission.is_from_allowed("ghcr.io/acme/app") with data.admission as object.union(settings, {"registries": [registry]})
	}
	every registry in ["ghcr.i", "ghcr.io/ac", "docker.io", "GHCR.io"] {
		not admission.is_from_allowed("ghcr.io/acme/app") with data.admission as object.union(settings, {"registries": [registry]})
	}
	ask_with(serving({}), {"registries": ["quay.io", "ghcr.io"]}).allow == true
	messages(ask_with(asking({"service": service, "part": proxy}), {"registries": ["docker.io"]})) == {
		"image ghcr.io/acme/app:1.2.3@sha256:0123 comes from ghcr.io/acme/app; allowed are docker.io: push it there, and name it so",
		"image ghcr.io/acme/nginx:1.30@sha256:0123 comes from ghcr.io/acme/app; allowed are docker.io: push it there, and name it so",
	}
}

test_no_list_of_registries_allows_any if {
	open := object.remove(settings, ["registries"])
	answer := admission.decision with input as serving({}) with data.admission as open
	answer.allow == true
}

test_a_mutable_tag_is_one_that_moves_or_none if {
	every tag in ["latest", "main"] {
		answer := ask(asking({"service": tagged({"tag": tag})}))
		codes(answer) == {"mutable_tag", "digest_required"}
	}
	codes(ask(asking({"service": tagged({})}))) == {"mutable_tag", "digest_required"}
	codes(ask(asking({"service": tagged({"tag": "1.2.3"})}))) == {"digest_required"}
	ask(asking({"service": tagged({"tag": "latest", "digest": "sha256:0123"})})).allow == true
}

tagged(ref) := object.union(
	object.remove(service, ["image_ref"]),
	{"image_ref": object.union({"registry": "docker.io", "repository": "library/nginx"}, ref)},
)

# --- containers ------------------------------------------------------------------------------------------------

test_capabilities_outside_the_list_are_found_however_written if {
	spellings := ["SYS_ADMIN", "CAP_SYS_ADMIN", "cap_sys_admin", "sys_admin"]
	messages(ask(serving({"cap_add": array.concat(["CHOWN", "ALL"], spellings)}))) == {
		"app asks for capability SYS_ADMIN, which is not among the allowed ones: remove it from cap_add",
		"app asks for capability ALL, which is not among the allowed ones: remove it from cap_add",
	}
	ask(serving({"cap_add": ["CAP_CHOWN", "net_bind_service"]})).allow == true
}

test_root_is_found_under_all_its_names if {
	every user in ["root", "0", "00", "0:0", "root:1000", "0:app", ":1000", " root"] { admission.is_root(user) }
	every user in ["1000", "1000:0", "rooted", "app:root", "10"] { not admission.is_root(user) }
	messages(ask(serving({"user": "0:0"}))) == {`app runs as root (user: "0:0"): leave user out, or name another one`}
	ask(without("user")).allow == true
}

test_a_writable_root_is_found if codes(ask(serving({"read_only": false}))) == {"writable_root"}

test_missing_limits_are_found_one_by_one if {
	bare := object.remove(service, ["resources"])
	messages(ask(asking({"service": object.union(bare, {"resources": {"pids": 1, "cpus": 1}})}))) == {"app has no limit of memory: set resources.memory"}
	messages(ask(asking({"service": object.union(bare, {"resources": {"pids": 1, "memory_bytes": 1}})}))) == {"app has no limit of cpus: set resources.cpus"}
}

# --- mounts ----------------------------------------------------------------------------------------------------

found(answer, code) := {reason.observed | some reason in answer.reasons; reason.code == code}

test_the_engine_socket_is_found_by_path_name_and_parent if {
	sources := {
		"/var/run/docker.sock", "/var//run/./docker.sock/", "/var/run", "/var", "/",
		"/run/user/1000/podman/podman.sock", "/run/user/1000", "/run/user", "/run",
		"/mnt/elsewhere/docker.sock", "/tmp/podman.sock",
	}
	innocent := {"/var/run/app", "/run/app", "/srv/docker.sock.d", "/variety", "/run/user/1000/app"}
	mounts := [bind(source) | some source in (sources | innocent)]
	answer := ask(serving({"mounts": array.concat(mounts, [volume("docker.sock")])}))
	found(answer, "engine_socket") == sources
	read_only := object.union(bind("/var/run/docker.sock"), {"read_only": true})
	messages(ask(serving({"mounts": [read_only]}))) == {"app mounts /var/run/docker.sock, which holds the engine's socket: whoever has that is root on this host; remove the mount"}
}

test_the_engine_socket_is_found_behind_a_link if {
	reals := {"/var/run/docker.sock", "/var/run", "/", "/run/user/1000", "/mnt/docker.sock"}
	mounts := [link("/srv/innocent", real) | some real in (reals | {"/srv/app", "/run/app"})]
	found(ask(serving({"mounts": mounts})), "engine_socket") == {sprintf("/srv/innocent (really %s)", [real]) | some real in reals}
	codes(ask(serving({"mounts": [link("/var/run", "/srv/app")]}))) == {"engine_socket"}
	messages(ask(serving({"mounts": [link("/srv/innocent", "/var/run")]}))) == {"app mounts /srv/innocent (really /var/run), which holds the engine's socket: whoever has that is root on this host; remove the mount"}
}

test_the_engine_socket_is_found_where_this_host_has_it if {
	request := object.union(serving({"mounts": [bind("/opt/engine"), bind("/opt/app"), link("/srv/x", "/opt/engine/sock")]}), {"host": {"engine_socket": "/opt/engine/sock"}})
	found(ask(request), "engine_socket") == {"/opt/engine", "/srv/x (really /opt/engine/sock)"}
	every odd in ["opt/engine", 7, null, "/opt/../run/docker.sock"] {
		answer := ask(object.union(serving({}), {"host": {"engine_socket": odd}}))
		answer.allow == false
		count(answer.reasons) == 1
	}
}

# Whatever the lists allow: a path that nobody can follow may lead to all that they forbid.
test_a_mount_that_leads_nobody_knows_where_is_found if {
	every lists in [{}, {"host_folders_allowed": ["/srv"]}] {
		answer := ask_with(serving({"mounts": [lost("/srv/loop")]}), lists)
		answer.allow == false
		codes(answer) == {"engine_socket", "host_mounts"}
		messages(answer) == {"app mounts /srv/loop, and where that really leads cannot be told (links in a circle, a folder that the controller may not look into, or a link of /proc): name the folder itself"}
	}
}

test_system_folders_are_found_at_inside_and_above if {
	sources := {"/etc", "/etc/passwd", "/var/lib", "/var/lib/docker/volumes"}
	innocent := {"/etcetera", "/var/lib/app"}
	found(ask(serving({"mounts": [bind(source) | some source in (sources | innocent)]})), "host_mounts") == sources
	messages(ask(serving({"mounts": [bind("/etc")]}))) == {"app mounts /etc, which belongs to the machine itself: use a volume, or a folder made for it"}
}

test_system_folders_are_found_behind_a_link if {
	messages(ask(serving({"mounts": [link("/srv/x", "/etc/ssh"), link("/srv/y", "/srv/app")]}))) == {"app mounts /srv/x (really /etc/ssh), which belongs to the machine itself: use a volume, or a folder made for it"}
}

test_harmless_files_may_be_read_and_not_written if {
	localtime := bind("/etc/localtime")
	codes(ask(serving({"mounts": [localtime]}))) == {"host_mounts"}
	ask(serving({"mounts": [object.union(localtime, {"read_only": true})]})).allow == true
	codes(ask(serving({"mounts": [object.union(link("/etc/localtime", "/etc/shadow"), {"read_only": true})]}))) == {"host_mounts"}
}

test_a_list_of_allowed_folders_closes_all_others if {
	open := {"host_folders_allowed": ["/srv", "/etc/app"]}
	ask_with(serving({"mounts": [bind("/srv/x"), bind("/etc/app"), volume("v")]}), open).allow == true
	messages(ask_with(serving({"mounts": [bind("/home/me")]}), open)) == {"app mounts /home/me; allowed is what lies in /srv, /etc/app: move it there, or use a volume"}
	messages(ask_with(serving({"mounts": [link("/srv/x", "/home/me")]}), open)) == {"app mounts /srv/x (really /home/me); allowed is what lies in /srv, /etc/app: move it there, or use a volume"}
	codes(ask_with(serving({"mounts": [link("/home/me", "/srv/x")]}), open)) == {"host_mounts"}
	ask_with(serving({"mounts": [link("/srv/x", "/etc/app/x")]}), open).allow == true
	codes(ask_with(serving({"mounts": [bind("/")]}), {"host_folders_allowed": ["/"]})) == {"engine_socket"}
}

# --- ports -----------------------------------------------------------------------------------------------------

publishing(address, port) := asking({"part": object.union(proxy, {"published": [{"address": address, "port": port}]})})

test_ports_and_addresses_may_be_listed if {
	lists := {"published_ports": [80, 443], "published_addresses": ["10.0.0.1"]}
	ask_with(publishing("10.0.0.1", 443), lists).allow == true
	messages(ask_with(publishing("10.0.0.1", 8080), lists)) == {"demo-proxy is published on 10.0.0.1:8080; data.admission.published_ports allows 80, 443: change its port, or the list"}
	messages(ask_with(publishing("0.0.0.0", 80), lists)) == {"demo-proxy is published on 0.0.0.0:80; data.admission.published_addresses allows 10.0.0.1: change its port, or the list"}
	every address in ["127.0.0.1", "127.1.2.3", "::1"] { admission.is_loopback(address) }
	ask_with(publishing("127.0.0.1", 8181), lists).allow == true
}

# --- limits ----------------------------------------------------------------------------------------------------

limited(limits) := object.union(object.remove(serving({}), ["limits"]), {"limits": limits})

test_a_manifest_can_limit_the_size_of_its_services if {
	messages(ask(limited({"max_memory_gb": 1, "max_cpus": 0.25, "max_replicas": 1}))) == {
		"memory of app: 1.5 GB a replica, maximum allowed is 1: lower resources.memory",
		"cpus of app: 0.5 a replica, maximum allowed is 0.25: lower resources.cpus",
		"replicas of app: 2, maximum allowed is 1: lower replicas",
	}
	ask(limited({"max_memory_gb": 1.5, "max_cpus": 0.5, "max_replicas": 2})).allow == true
}

test_what_is_not_limited_at_all_is_above_every_limit if {
	bare := object.union(object.remove(service, ["resources"]), {"resources": {"pids": 1}})
	request := object.union(asking({"service": bare}), {"limits": {"max_memory_gb": 1, "max_cpus": 1}})
	answer := ask_with(request, {"enforcement": {"resource_limits": "off"}})
	answer.allow == false
	messages(answer) == {
		"memory of app: no limit, maximum allowed is 1 GB a replica: set resources.memory",
		"cpus of app: no limit, maximum allowed is 1 a replica: set resources.cpus",
	}
}

test_the_stricter_of_data_and_manifest_wins if {
	codes(ask_with(limited({"max_replicas": 100}), {"thresholds": {"max_replicas": 1}})) == {"max_replicas"}
	codes(ask_with(limited({"max_replicas": 1}), {"thresholds": {"max_replicas": 100}})) == {"max_replicas"}
	ask_with(limited({}), {"thresholds": {"max_replicas": 2}}).allow == true
}

test_a_broken_limit_is_a_denial if {
	broken := {"max_replicas": "2", "max_cpus": null, "max_memory_gb": -1, "max_replicsa": 2}
	answer := ask_with(limited(broken), {"thresholds": broken})
	answer.allow == false
	codes(answer) == {"limit_malformed", "limit_unknown"}
	count(answer.reasons) == 8
	every one in object.keys(broken) { ask(limited(object.filter(broken, [one]))).allow == false }
	nonsense := ask_with(limited("2"), {"thresholds": [2]})
	count(nonsense.reasons) == 2
	codes(nonsense) == {"limits_malformed"}
}

# --- questions and facts ---------------------------------------------------------------------------------------

test_odd_inputs_are_denied if {
	every request in [{}, null, [], "deploy", {"question": ["deploy"]}] {
		answer := ask(request)
		answer.allow == false
		"unknown_question" in codes(answer)
	}
}

test_no_input_is_denied if {
	answer := admission.decision with data.admission as settings
	answer.allow == false
	answer.question == null
	codes(answer) == {"unknown_question"}
}

test_a_question_of_other_domains_is_denied_and_echoed if {
	every question in ["heal", "reboot"] {
		answer := ask(object.union(serving({}), {"question": question}))
		answer.allow == false
		answer.question == question
		codes(answer) == {"unknown_question"}
	}
}

test_nothing_to_admit_is_a_denial if {
	codes(ask(asking({}))) == {"fact_missing"}
	codes(ask(asking({"service": null, "part": null}))) == {"fact_missing"}
}

missing_facts(answer) := {trim_suffix(reason.message, " is unknown, and without it nothing is allowed") |
	some reason in answer.reasons
	reason.code == "fact_missing"
}

facts_of_a_service := {concat(".", ["service", name]) | some name in object.keys(admission.needed.service)}

test_each_missing_fact_of_a_service_has_its_reason if {
	every odd in [{}, "app", 7] {
		answer := ask(asking({"service": odd}))
		answer.allow == false
		missing_facts(answer) == facts_of_a_service
	}
}

test_one_missing_fact_is_enough_to_deny if {
	every field in object.keys(admission.needed.service) {
		answer := ask(without(field))
		answer.allow == false
		"fact_missing" in codes(answer)
	}
}

test_each_missing_fact_of_a_part_is_a_denial if {
	missing_facts(ask(asking({"part": {}}))) == {"part.kind", "part.name"}
	missing_facts(ask(asking({"part": {"kind": "image"}}))) == {"part.name", "part.image", "part.image_ref"}
}

test_each_null_is_a_denial if {
	nulls := {name: null | some name, _ in object.union(admission.needed.service, {"user": ""})}
	answer := ask(asking({"service": nulls, "part": object.union(proxy, {"published": null})}))
	answer.allow == false
	missing_facts(answer) == facts_of_a_service | {"service.user", "part.published"}
}

malformed(answer) := {split(reason.message, " ")[0] |
	some reason in answer.reasons
	reason.code == "fact_malformed"
}

test_each_malformed_fact_is_a_denial if {
	texts := {name: "7" | some name, _ in admission.needed.service}
	every values in [
		object.union(texts, {"name": 3, "image": "  ", "user": 0}),
		{"name": "", "image": 3, "image_ref": {"registry": "r"}, "replicas": -1, "cap_add": [3], "read_only": 1, "mounts": [{}], "resources": {"pids": -1}, "user": ""},
	] {
		answer := ask(asking({"service": values}))
		answer.allow == false
		malformed(answer) == facts_of_a_service | {"service.user"}
	}
	limits := {"resources": {"cpus": "1", "memory_bytes": 1e300, "pids": 1}}
	malformed(ask(serving(limits))) == {"service.resources.cpus", "service.resources.memory_bytes"}
	part := {"kind": "pod", "name": 7, "published": [8080]}
	malformed(ask(asking({"part": part}))) == {"part.kind", "part.name", "part.published"}
	image := {"kind": "image", "name": "n", "image": 7, "image_ref": "n"}
	malformed(ask(asking({"part": image}))) == {"part.image", "part.image_ref"}
}

test_forms_take_what_is_meant_and_nothing_else if {
	every value in [0, 1, 512] { admission.is_count(value) }
	every value in ["1", -1, 1.5, 1e300, [1], null, true] { not admission.is_count(value) }
	every value in [0.5, 2e9] { admission.is_amount(value) }
	every value in ["1", 0, -1, 1e300, null] { not admission.is_amount(value) }
	every value in [[], ["CHOWN"]] { admission.is_texts(value) }
	every value in ["CHOWN", {"CHOWN": true}, [3], [""], null] { not admission.is_texts(value) }
	every value in [[], [bind("/srv"), volume("v")]] { admission.is_mounts(value) }
	every value in ["logs", {}, [7], [{}], null] { not admission.is_mounts(value) }
	every value in [
		object.union(bind("/srv"), {"type": "tmpfs"}), object.union(bind("/srv"), {"read_only": "no"}),
		object.union(volume("v"), {"target": null}), volume(""), bind("srv/app"), bind("/srv/../var/run/docker.sock"),
		link("/srv", 7), link("/srv", "srv"), link("/srv", "/srv/../run"), link("/srv", null),
	] {
		not admission.is_mount(value)
	}
	every value in [{"registry": "r", "repository": "a"}, image_ref] { admission.is_image_ref(value) }
	every value in [
		{"registry": "", "repository": "a"}, {"registry": "r", "repository": 7},
		{"registry": "r", "repository": "a", "digest": 7}, {"registry": "r", "repository": "a", "tag": []},
	] {
		not admission.is_image_ref(value)
	}
	every value in [{"address": "0.0.0.0", "port": "80"}, {"address": "0.0.0.0", "port": 70000}, {"address": null, "port": 80}] {
		not admission.is_published(value)
	}
}

test_each_broken_list_in_data_is_a_denial if {
	every value in ["latest", 7, [{}], {"a": "b"}] {
		answer := ask_with(serving({}), {name: value | some name in admission.lists})
		answer.allow == false
		count([reason | some reason in answer.reasons; reason.code == "list_malformed"]) == count(admission.lists)
	}
}

test_a_list_that_is_needed_and_missing_is_a_denial if {
	bare := object.remove(settings, admission.lists)
	answer := admission.decision with input as serving({}) with data.admission as bare
	answer.allow == false
	count([reason | some reason in answer.reasons; reason.code == "list_malformed"]) == count(admission.needed_lists)
}

# --- data ------------------------------------------------------------------------------------------------------

test_every_rule_in_data_says_what_it_does if {
	every rule in admission.rules {
		word := object.get(admission.settings, ["enforcement", rule], "missing")
		print(sprintf("enforcement.%v in admission/data.json is %v: write deny, warn or off", [rule, json.marshal(word)]))
		word in {"deny", "warn", "off"}
	}
}
