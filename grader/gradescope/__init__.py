"""The course as an autograder of Gradescope: the zip to upload, and what runs in it."""
