"""What of a module has run: lines, branches and functions, in its normal run and in the branches of a sweep.

recording.py notes the blocks of code that run, as offsets in the module; measure.py makes lines of them, from the
module's file alone; missed.py names what never ran; lcov.py writes it for genhtml and its kin.
"""
