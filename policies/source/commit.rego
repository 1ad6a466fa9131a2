package swiftdeploy.source

import rego.v1

# --- authors ---------------------------------------------------------------------------------------------------

# METADATA
# title: Author
# description: As the commit says it, and its address alone. Upper and lower case are one.
# scope: rule
author_names := {lower(input.source.author)} | addresses if {
	is_text(input.source.author)
	addresses := {lower(address) | some [_, address] in regex.find_all_string_submatch_n(`<([^<>]*)>$`, input.source.author, 1)}
}

is_named(globs) if {
	some pattern in globs
	some name in author_names
	glob.match(lower(pattern), null, name)
}

kept contains "authors" if {
	list["authors.deny"] == []
	list["authors.allow"] == []
}

kept contains "authors" if {
	count(author_names) > 0
	not is_named(list["authors.deny"])
	is_allowed
}

is_allowed if list["authors.allow"] == []

is_allowed if is_named(list["authors.allow"])

findings contains finding if {
	is_named(list["authors.deny"])
	finding := {
		"code": "authors",
		"message": sprintf("%s wrote the commit and is in data.source.authors.deny", [input.source.author]),
		"observed": input.source.author,
		"limit": sprintf("none of %s", [concat(", ", list["authors.deny"])]),
	}
}

findings contains finding if {
	count(author_names) > 0
	not is_allowed
	finding := {
		"code": "authors",
		"message": sprintf("%s wrote the commit; data.source.authors.allow has %s", [input.source.author, concat(", ", list["authors.allow"])]),
		"observed": input.source.author,
		"limit": concat(", ", list["authors.allow"]),
	}
}

findings contains finding if {
	"authors" in active
	not author_names
	finding := {
		"code": "authors",
		"message": "nobody knows who wrote this: data.source.authors wants a manifest that comes from a repository",
		"observed": object.get(input, ["source", "author"], null),
		"limit": "an author",
	}
}

# --- signatures ------------------------------------------------------------------------------------------------

# METADATA
# title: Changed paths
# description: Undefined where nobody knows them all; a list of most_paths has been cut.
# scope: rule
changed_paths := paths if {
	paths := input.source.changed_paths
	is_texts(paths)
	count(paths) < most_paths
}

most_paths := 1000

need_signer[pattern] := sort(paths) if {
	some pattern in list.paths_need_signer
	paths := {path | some path in changed_paths; glob.match(pattern, ["/"], path)}
	count(paths) > 0
}

kept contains "paths_need_signer" if list.paths_need_signer == []

kept contains "paths_need_signer" if is_text(input.source.signer)

kept contains "paths_need_signer" if {
	is_array(changed_paths)
	is_array(list.paths_need_signer)
	count(need_signer) == 0
}

findings contains finding if {
	not "paths_need_signer" in kept
	some pattern, paths in need_signer
	finding := {
		"code": "paths_need_signer",
		"message": sprintf("%s changed, and nobody signed for it: %s needs a signature that this host trusts", [paths_words(paths), pattern]),
		"observed": paths_words(paths),
		"limit": pattern,
	}
}

paths_words(paths) := paths[0] if count(paths) == 1

paths_words(paths) := sprintf("%s and %d more", [paths[0], count(paths) - 1]) if count(paths) > 1

findings contains finding if {
	"paths_need_signer" in active
	not "paths_need_signer" in kept
	not changed_paths
	finding := {
		"code": "paths_need_signer",
		"message": "nobody knows all that changed, and nobody signed for it: sign the commit with a key that this host trusts",
		"observed": null,
		"limit": concat(", ", list.paths_need_signer),
	}
}
