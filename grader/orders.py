"""What a checker and its zygote say to each other.

An order is ``letter (1 byte) | pid (4 bytes)``, an answer one signed 8-byte number. It
stands apart so that the checker can start a zygote before it imports NumPy itself.
"""

import struct

COMMAND = struct.Struct(">cI")
ANSWER = struct.Struct(">q")
FORK, END, WAIT, CLOCK = b"F", b"E", b"W", b"C"
UNKNOWN = -1  # in answer to CLOCK, which asks for nanoseconds
