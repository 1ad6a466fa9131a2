package swiftdeploy.admission

import rego.v1

# METADATA
# title: Forms
# description: What a value must look like. Beyond a form's bounds it is no wish of a person but a broken reader.
# scope: rule
text_form := "a text that is not empty"

is_text(value) if {
	is_string(value)
	trim_space(value) != ""
}

is_texts(value) if {
	is_array(value)
	every item in value { is_text(item) }
}

count_form := "a whole number from 0 up"

is_count(value) if {
	is_number(value)
	value == floor(value)
	value >= 0
	value <= 1000000000
}

amount_form := "a number above 0"

is_amount(value) if {
	is_number(value)
	value > 0
	value <= 1000000000000000
}

image_ref_form := "registry and repository, and tag and digest as texts"

is_image_ref(ref) if {
	is_text(ref.registry)
	is_text(ref.repository)
	is_text(object.get(ref, "tag", "none"))
	is_text(object.get(ref, "digest", "none"))
}

mounts_form := "a list of volumes, and of binds with an absolute path without `..`"

is_mounts(value) if {
	is_array(value)
	every mount in value { is_mount(mount) }
}

is_mount(mount) if {
	is_text(mount.source)
	is_text(mount.target)
	is_boolean(mount.read_only)
	is_source(mount)
}

is_source(mount) if mount.type == "volume"

is_source(mount) if {
	mount.type == "bind"
	is_path(mount.source)
	is_path(object.get(mount, "real_source", mount.source))
}

path_form := "an absolute path without `..`"

# With `..` in it a path leads elsewhere than it reads.
is_path(value) if {
	startswith(value, "/")
	not ".." in split(value, "/")
}

ports_form := "a list of addresses and ports"

is_ports(value) if {
	is_array(value)
	every published in value { is_published(published) }
}

is_published(published) if {
	is_text(published.address)
	is_count(published.port)
	published.port <= 65535
}
