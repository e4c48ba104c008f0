"""What each tool can do, requirement by requirement: each rule cites the fact that it rests on."""
