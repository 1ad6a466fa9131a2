package swiftdeploy.admission

import rego.v1

subjects contains "service" if object.get(input, "service", null) != null

subjects contains "part" if object.get(input, "part", null) != null

# METADATA
# title: Facts
# description: |
#   Every fact that a rule reads, and its form: without it the rule would find nothing and so say that all is well. What a
#   manifest may leave out is only wanted where it stands.
# scope: rule
needed["service"] := {
	"name": text_form,
	"image": text_form,
	"image_ref": image_ref_form,
	"replicas": count_form,
	"cap_add": "a list of texts",
	"read_only": "true or false",
	"mounts": mounts_form,
	"resources": "an object with pids",
}

needed["part"] := {"kind": concat(", ", sort(kinds)), "name": text_form}

needed_with_image := {"image": text_form, "image_ref": image_ref_form}

wanted[["service", name]] := form if {
	"service" in subjects
	some name, form in needed.service
}

wanted[["part", name]] := form if {
	"part" in subjects
	some name, form in needed.part
}

wanted[["part", name]] := form if {
	input.part.kind in {"image", "container"}
	some name, form in needed_with_image
}

wanted[["part", "published"]] := ports_form if "published" in object.keys(input.part)

wanted[["service", "user"]] := text_form if "user" in object.keys(input.service)

wanted[["service", "resources", name]] := amount_form if {
	some name in ["cpus", "memory_bytes"]
	name in object.keys(input.service.resources)
}

wanted[["host", "engine_socket"]] := path_form if "engine_socket" in object.keys(input.host)

kinds := {"network", "volume", "image", "container"}

# Proven one by one: `not is_text(input.service.name)` would say nothing where there is no name.
sound contains ["service", "name"] if is_text(input.service.name)

sound contains ["service", "image"] if is_text(input.service.image)

sound contains ["service", "image_ref"] if is_image_ref(input.service.image_ref)

sound contains ["service", "replicas"] if is_count(input.service.replicas)

sound contains ["service", "cap_add"] if is_texts(input.service.cap_add)

sound contains ["service", "read_only"] if is_boolean(input.service.read_only)

sound contains ["service", "mounts"] if is_mounts(input.service.mounts)

sound contains ["service", "resources"] if is_count(input.service.resources.pids)

sound contains ["service", "user"] if is_text(input.service.user)

sound contains ["service", "resources", "cpus"] if is_amount(input.service.resources.cpus)

sound contains ["service", "resources", "memory_bytes"] if is_amount(input.service.resources.memory_bytes)

sound contains ["part", "kind"] if input.part.kind in kinds

sound contains ["part", "name"] if is_text(input.part.name)

sound contains ["part", "image"] if is_text(input.part.image)

sound contains ["part", "image_ref"] if is_image_ref(input.part.image_ref)

sound contains ["part", "published"] if is_ports(input.part.published)

sound contains ["host", "engine_socket"] if is_path(input.host.engine_socket)

broken := object.remove(wanted, sound)

# --- reasons ---------------------------------------------------------------------------------------------------

reasons contains reason if {
	question in questions
	count(subjects) == 0
	reason := {
		"code": "fact_missing",
		"message": "neither service nor part is stated: without one of them there is nothing to admit",
		"observed": null,
		"limit": "a service or a part",
	}
}

reasons contains reason if {
	some path, form in broken
	object.get(input, path, null) == null
	reason := {
		"code": "fact_missing",
		"message": sprintf("%s is unknown, and without it nothing is allowed", [concat(".", path)]),
		"observed": null,
		"limit": form,
	}
}

reasons contains reason if {
	some path, form in broken
	value := object.get(input, path, null)
	value != null
	reason := {
		"code": "fact_malformed",
		"message": sprintf("%s is %s, expected %s", [concat(".", path), json.marshal(value), form]),
		"observed": value,
		"limit": form,
	}
}
