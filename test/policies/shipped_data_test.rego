# What the data says as it is shipped. Not beside the policies: whoever tunes their data must not find a failed test.
package swiftdeploy.shipped_data_test

import data.swiftdeploy.admission
import data.swiftdeploy.admission_test
import data.swiftdeploy.canary
import data.swiftdeploy.canary_test
import data.swiftdeploy.override
import data.swiftdeploy.override_test
import data.swiftdeploy.source
import data.swiftdeploy.source_test
import rego.v1

# --- override ----------------------------------------------------------------------------------------------------

test_the_shipped_data_lets_a_person_override_and_keeps_the_engine_socket if {
	allowed := override.decision with input as override_test.overriding({})
	allowed.allow == true
	socket := override_test.overriding({"denied": [object.union(override_test.denial, {"domain": "admission", "code": "engine_socket"})]})
	kept := override.decision with input as socket
	kept.allow == false
}

# --- canary ------------------------------------------------------------------------------------------------------

test_the_shipped_data_is_complete if {
	answer := canary.decision with input as canary_test.promoting({})
	answer.allow == true
	answer.reasons == []
}

# --- admission ---------------------------------------------------------------------------------------------------

sample := {
	"name": "app",
	"mode": "stable",
	"track": "stable",
	"version": "1.0.0",
	"image": "swift-deploy-1-node:latest",
	"image_ref": {"registry": "docker.io", "repository": "library/swift-deploy-1-node", "tag": "latest"},
	"spec_hash": "abc",
	"replicas": 1,
	"port": 3000,
	"cap_add": [],
	"read_only": false,
	"tmpfs": [],
	"mounts": [{"type": "volume", "source": "swiftdeploy-logs", "target": "/var/log/app", "read_only": false}],
	"env": [],
	"resources": {"pids": 512},
	"restart_policy": "unless-stopped",
	"pull": "missing",
}

ask_shipped(request) := answer if answer := admission.decision with input as request

test_the_sample_manifest_passes_without_a_word if {
	every part in [
		{"service": sample},
		{"part": {"kind": "image", "name": "nginx:latest", "image": "nginx:latest", "image_ref": {"registry": "docker.io", "repository": "library/nginx", "tag": "latest"}}},
		{"part": {"kind": "network", "name": "swiftdeploy-net"}},
	] {
		answer := ask_shipped(admission_test.asking(part))
		answer.allow == true
		answer.reasons == []
		answer.warnings == []
	}
}

test_shipped_data_denies_what_takes_over_the_host if {
	sources := {"/", "/var", "/var/run", "/run", "/run/docker.sock", "/run/containerd", "/run/user/1000/docker.sock"}
	capabilities := {
		"ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "SYS_BOOT", "DAC_READ_SEARCH",
		"NET_ADMIN", "BPF", "PERFMON", "MAC_ADMIN", "SYSLOG",
	}
	changes := {"mounts": [admission_test.bind(source) | some source in sources], "cap_add": [name | some name in capabilities]}
	answer := ask_shipped(admission_test.asking({"service": object.union(sample, changes)}))
	answer.allow == false
	admission_test.found(answer, "engine_socket") == sources
	admission_test.found(answer, "privileges") == capabilities
}

test_shipped_data_warns_of_root_and_of_system_folders if {
	answer := ask_shipped(admission_test.asking({"service": object.union(sample, {"user": "0:0", "mounts": [admission_test.bind("/etc")]})}))
	answer.allow == true
	{warning.code | some warning in answer.warnings} == {"non_root", "host_mounts"}
	quiet := ask_shipped(admission_test.asking({"service": object.union(sample, {"mounts": [admission_test.bind("/srv/data"), admission_test.bind("/home/me/site")]})}))
	quiet.warnings == []
}

# --- source ------------------------------------------------------------------------------------------------------

test_the_shipped_data_has_every_rule_enforced if {
	answer := source.decision with input as source_test.friday_noon
	not "enforcement_unknown" in source_test.codes(answer)
	not "list_malformed" in source_test.codes(answer)
	not "setting_unknown" in source_test.codes(answer)
}
