package swiftdeploy.admission

import rego.v1

binds contains mount if {
	some mount in input.service.mounts
	mount.type == "bind"
}

# METADATA
# title: engine_socket
# description: |
#   Who can talk to the engine is root on the host, read-only mount or not. Found are the sockets of data.admission.engine_sockets
#   (`*` is any one folder), every folder above one, and every path that ends in the name of one.
# scope: rule
findings contains finding if {
	some mount in binds
	leads_to_socket(parts(mount.source))
	finding := {
		"code": "engine_socket",
		"message": sprintf("%s mounts %s, which holds the engine's socket: whoever has that is root on this host; remove the mount", [
			input.service.name,
			mount.source,
		]),
		"observed": mount.source,
		"limit": "no engine socket",
	}
}

leads_to_socket(path) if {
	some socket in list.engine_sockets
	wanted := parts(socket)
	count(path) <= count(wanted)
	every index, part in path { wanted[index] in {part, "*"} }
}

leads_to_socket(path) if {
	some socket in list.engine_sockets
	wanted := parts(socket)
	path[count(path) - 1] == wanted[count(wanted) - 1]
}

# METADATA
# title: host_mounts
# description: |
#   Bind mounts of the machine's own folders (data.admission.host_folders_system: at, inside or above one), and, where
#   host_folders_allowed is not empty, of everything outside of it. What is in host_folders_allowed is free; what is in
#   host_folders_harmless is free to read.
# scope: rule
findings contains finding if {
	some mount in binds
	not is_free(mount)
	some folder in list.host_folders_system
	overlaps(parts(mount.source), parts(folder))
	finding := {
		"code": "host_mounts",
		"message": sprintf("%s mounts %s, which belongs to the machine itself: use a volume, or a folder made for it", [
			input.service.name,
			mount.source,
		]),
		"observed": mount.source,
		"limit": "no system folder",
	}
}

findings contains finding if {
	some mount in binds
	not is_free(mount)
	count(list.host_folders_allowed) > 0
	finding := {
		"code": "host_mounts",
		"message": sprintf("%s mounts %s; allowed is what lies in %s: move it there, or use a volume", [
			input.service.name, mount.source,
			concat(", ", list.host_folders_allowed),
		]),
		"observed": mount.source,
		"limit": list.host_folders_allowed,
	}
}

is_free(mount) if {
	some folder in list.host_folders_allowed
	is_inside(parts(mount.source), parts(folder))
}

is_free(mount) if {
	mount.read_only
	some folder in list.host_folders_harmless
	is_inside(parts(mount.source), parts(folder))
}

overlaps(one, other) if is_inside(one, other)

overlaps(one, other) if is_inside(other, one)

is_inside(path, folder) if array.slice(path, 0, count(folder)) == folder

# `/var/./run//` and `/var/run` are one place.
parts(path) := [part | some part in split(path, "/"); not part in {"", "."}]
