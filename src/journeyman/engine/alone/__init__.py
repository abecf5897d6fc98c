"""One REST technical profile without a journey: a folder, a profile and claims in; what its call did out."""
