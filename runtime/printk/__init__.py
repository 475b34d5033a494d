"""The kernel's printf and its log. Texts are bytes throughout: the kernel's log holds whatever bytes a module prints,
in no encoding.
"""
