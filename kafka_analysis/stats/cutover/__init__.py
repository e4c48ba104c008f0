"""Whether a wave may cut over: each check as a function that says of every place whether it is ready, and why not."""
