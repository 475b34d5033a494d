"""Devices as far as registering goes: names in sysfs, struct device, misc devices. Nothing here can be opened."""
