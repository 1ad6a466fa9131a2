package swiftdeploy.admission

import rego.v1

images contains {"name": input.service.image, "ref": input.service.image_ref}

images contains {"name": input.part.image, "ref": input.part.image_ref}

# METADATA
# title: registries_allowed
# description: data.admission.registries has registries (ghcr.io) or repositories in them (docker.io/library); empty is any.
# scope: rule
findings contains finding if {
	count(list.registries) > 0
	some image in images
	place := concat("/", [image.ref.registry, image.ref.repository])
	not is_from_allowed(place)
	finding := {
		"code": "registries_allowed",
		"message": sprintf("image %s comes from %s; allowed are %s: push it there, and name it so", [
			image.name, place,
			concat(", ", list.registries),
		]),
		"observed": place,
		"limit": list.registries,
	}
}

is_from_allowed(place) if {
	some registry in list.registries
	startswith(concat("", [place, "/"]), concat("", [trim_suffix(registry, "/"), "/"]))
}

# mutable_tag: what is pinned by its digest may have any tag.
findings contains finding if {
	some image in images
	not image.ref.digest
	tag := object.get(image.ref, "tag", "")
	tag in ({""} | {mutable | some mutable in list.mutable_tags})
	finding := {
		"code": "mutable_tag",
		"message": sprintf("image %s names another image tomorrow: give it a fixed tag, or pin it with @sha256:…", [image.name]),
		"observed": tag,
		"limit": list.mutable_tags,
	}
}

findings contains finding if {
	some image in images
	not image.ref.digest
	finding := {
		"code": "digest_required",
		"message": sprintf("image %s is not pinned to its content: write it as NAME@sha256:…", [image.name]),
		"observed": image.name,
		"limit": "a digest",
	}
}
