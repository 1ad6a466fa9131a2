package swiftdeploy.admission

import rego.v1

binds contains mount if {
	some mount in input.service.mounts
	mount.type == "bind"
}

# The engine follows links: what a path says and where it leads are both looked at.
places(mount) := {mount.source, object.get(mount, "real_source", mount.source)}

leads_elsewhere(mount) if parts(mount.real_source) != parts(mount.source)

in_words(mount) := sprintf("%s (really %s)", [mount.source, mount.real_source]) if {
	leads_elsewhere(mount)
} else := mount.source

# A path that nobody could follow may lead to everything that the rules about mounts look for.
findings contains finding if {
	some mount in binds
	not "real_source" in object.keys(mount)
	some code in ["engine_socket", "host_mounts"]
	finding := {
		"code": code,
		"message": sprintf("%s mounts %s, and where that really leads cannot be told (%s): name the folder itself", [
			input.service.name, mount.source,
			"links in a circle, a folder that the controller may not look into, or a link of /proc",
		]),
		"observed": mount.source,
		"limit": "a path that can be followed",
	}
}

# METADATA
# title: engine_socket
# description: |
#   Who can talk to the engine is root on the host, read-only mount or not. Found are the sockets of data.admission.engine_sockets
#   (`*` is any one folder), the engine's own, every folder above one, and every path that ends in the name of one; through
#   links, too.
# scope: rule
findings contains finding if {
	some mount in binds
	some place in places(mount)
	leads_to_socket(parts(place))
	finding := {
		"code": "engine_socket",
		"message": sprintf("%s mounts %s, which holds the engine's socket: whoever has that is root on this host; remove the mount", [
			input.service.name,
			in_words(mount),
		]),
		"observed": in_words(mount),
		"limit": "no engine socket",
	}
}

sockets contains parts(socket) if some socket in list.engine_sockets

sockets contains parts(input.host.engine_socket)

leads_to_socket(path) if {
	some wanted in sockets
	count(path) <= count(wanted)
	every index, part in path { wanted[index] in {part, "*"} }
}

leads_to_socket(path) if {
	some wanted in sockets
	path[count(path) - 1] == wanted[count(wanted) - 1]
}

# METADATA
# title: host_mounts
# description: |
#   Bind mounts of the machine's own folders (data.admission.host_folders_system: at, inside or above one), and, where
#   host_folders_allowed is not empty, of everything outside of it. What is in host_folders_allowed is free; what is in
#   host_folders_harmless is free to read. A link counts as it is written and as it leads.
# scope: rule
findings contains finding if {
	some mount in binds
	not is_free(mount)
	some place in places(mount)
	some folder in list.host_folders_system
	overlaps(parts(place), parts(folder))
	finding := {
		"code": "host_mounts",
		"message": sprintf("%s mounts %s, which belongs to the machine itself: use a volume, or a folder made for it", [
			input.service.name,
			in_words(mount),
		]),
		"observed": in_words(mount),
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
			input.service.name, in_words(mount),
			concat(", ", list.host_folders_allowed),
		]),
		"observed": in_words(mount),
		"limit": list.host_folders_allowed,
	}
}

is_free(mount) if {
	every place in places(mount) { is_free_place(mount, place) }
}

is_free_place(_, place) if {
	some folder in list.host_folders_allowed
	is_inside(parts(place), parts(folder))
}

is_free_place(mount, place) if {
	mount.read_only
	some folder in list.host_folders_harmless
	is_inside(parts(place), parts(folder))
}

overlaps(one, other) if is_inside(one, other)

overlaps(one, other) if is_inside(other, one)

is_inside(path, folder) if array.slice(path, 0, count(folder)) == folder

# `/var/./run//` and `/var/run` are one place.
parts(path) := [part | some part in split(path, "/"); not part in {"", "."}]
