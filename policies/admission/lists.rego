package swiftdeploy.admission

import rego.v1

# METADATA
# title: Lists in data
# description: |
#   Needed ones must be there, for without them a rule finds nothing and says so by silence; an absent or empty one of the
#   others leaves any value free.
# scope: rule
lists := needed_lists | {"host_folders_harmless", "host_folders_allowed", "registries", "published_addresses", "published_ports"}

needed_lists := {"mutable_tags", "capabilities", "engine_sockets", "host_folders_system"}

list[name] := items if {
	some name in (lists - {"published_ports"})
	items := object.get(settings, name, [])
	is_array(items)
	concat("", items) # defined for texts alone
}

list["published_ports"] := items if {
	items := object.get(settings, "published_ports", [])
	is_array(items)
	sum(items) >= 0 # defined for numbers alone
}

reasons contains reason if {
	some name in ((lists - object.keys(list)) | (needed_lists - object.keys(settings)))
	value := object.get(settings, name, null)
	reason := {
		"code": "list_malformed",
		"message": sprintf("data.admission.%s is %s, expected a list", [name, json.marshal(value)]),
		"observed": value,
		"limit": "a list",
	}
}
