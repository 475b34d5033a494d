"""Data structures that the kernel keeps in the memory of whoever uses them: trees and arrays of the guest's, in the
layout of Linux.
"""
