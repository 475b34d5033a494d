"""What a module did wrong, as findings; each is reported once per cause."""
