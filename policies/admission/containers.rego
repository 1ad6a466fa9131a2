package swiftdeploy.admission

import rego.v1

# METADATA
# title: privileges
# description: Every added capability must be in data.admission.capabilities; nothing is inferred from what is not there.
# scope: rule
findings contains finding if {
	some wanted in input.service.cap_add
	capability := trim_prefix(upper(wanted), "CAP_")
	not capability in list.capabilities
	finding := {
		"code": "privileges",
		"message": sprintf("%s asks for capability %s, which is not among the allowed ones: remove it from cap_add", [
			input.service.name,
			capability,
		]),
		"observed": capability,
		"limit": list.capabilities,
	}
}

# An absent user is never root: the controller runs an image that wants root as 10001:10001.
findings contains finding if {
	user := input.service.user
	is_root(user)
	finding := {
		"code": "non_root",
		"message": sprintf("%s runs as root (user: %q): leave user out, or name another one", [input.service.name, user]),
		"observed": user,
		"limit": "a user other than root",
	}
}

is_root(user) if regex.match(`^(root|0+)?$`, trim_space(split(user, ":")[0]))

findings contains finding if {
	input.service.read_only == false
	finding := {
		"code": "writable_root",
		"message": sprintf("%s can write to its root filesystem: set read_only: true, and tmpfs or volumes where it must write", [input.service.name]),
		"observed": false,
		"limit": true,
	}
}

findings contains finding if {
	some resource, key in {"memory_bytes": "memory", "cpus": "cpus"}
	object.get(input.service.resources, resource, null) == null
	finding := {
		"code": "resource_limits",
		"message": sprintf("%s has no limit of %s: set resources.%s", [input.service.name, key, key]),
		"observed": "none",
		"limit": "a limit",
	}
}

# METADATA
# title: published_ports
# description: |
#   Host ports of the stack's own parts. One on the loopback interface is reached from this machine alone and is left out; for
#   the others data.admission.published_addresses and published_ports say what is allowed, empty is any.
# scope: rule
findings contains finding if {
	some published in input.part.published
	not is_loopback(published.address)
	some rule in [
		{"list": "published_addresses", "observed": published.address},
		{"list": "published_ports", "observed": published.port},
	]
	count(list[rule.list]) > 0
	not rule.observed in list[rule.list]
	finding := {
		"code": "published_ports",
		"message": sprintf("%s is published on %s:%v; data.admission.%s allows %s: change its port, or the list", [
			input.part.name, published.address, published.port, rule.list,
			concat(", ", [sprintf("%v", [item]) | some item in list[rule.list]]),
		]),
		"observed": rule.observed,
		"limit": list[rule.list],
	}
}

is_loopback(address) if startswith(address, "127.")

is_loopback("::1")
