"""How much of a hand-in is looked at. Whatever goes beyond is refused, with the bound named."""

KB = 1 << 10
MB = 1 << 20

STAGE_BYTES = 1 * MB  # as much as `grader check` accepts
NOTEBOOK_BYTES = 20 * MB
NOTEBOOK_CODE_BYTES = 200 * KB  # the marked cells of one stage
NOTEBOOKS = 20
NOTEBOOK_NOTES = 30
MANIFEST_BYTES = 4 * MB  # it holds the report as the student saw it

# One hand-in.
FILES = 2_000
FOLDERS = 2_000
DEPTH = 20
PATH_CHARACTERS = 400
ARCHIVES = 10
CANDIDATES = 20  # for one stage

# One zip of a student's.
ARCHIVE_BYTES = 50 * MB
DIRECTORY_BYTES = 512 * KB  # its table of contents
UNPACKED_BYTES = 500 * MB
RATIO = 200  # packed to unpacked; honest text stays below 20
RATIO_FROM = 10 * MB  # a small array of zeros is no attack

# The zip of a whole class, as a platform delivers it.
PACKED_DIRECTORY_BYTES = 256 * MB

# What a platform tells of a class.
METADATA_BYTES = 512 * MB
METADATA_LINE = 64 * KB
METADATA_VALUE = 200
TIMES_BYTES = 20 * MB

# Messages.
SHOWN_CHARACTERS = 60
SHOWN_NAMES = 5
