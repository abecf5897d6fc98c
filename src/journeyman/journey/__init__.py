"""Run a compiled journey one step at a time: state and event in, state and outcome out."""
