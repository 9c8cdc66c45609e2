"""One colour for one meaning, throughout the course.

The hues are those of M. Okabe and K. Ito ("Color Universal Design", 2008), which people with
any kind of colour vision can tell apart, made darker or lighter until text in them is
readable. No picture says anything by colour alone.
"""

# Each colour as it is on a light card and on a dark one. The light ones all differ: they
# are how the finished picture knows which colour is meant.
COLOURS = {
    "card": ("#ffffff", "#16191d"),
    "border": ("#d5dae0", "#3a414a"),
    "ink": ("#1b1f24", "#e8ecf0"),
    "note": ("#59616b", "#a5afba"),
    "input": ("#0065a0", "#6cc0f2"),
    "input-fill": ("#dcebf7", "#143a56"),
    "window": ("#7d5a00", "#f2c744"),
    "window-fill": ("#ffe9a3", "#5a4500"),
    "other": ("#a0430a", "#ff9a5c"),
    "other-fill": ("#fbd9c2", "#5e2f14"),
    "kernel": ("#932f6b", "#f0a5d2"),
    "kernel-fill": ("#f3ddec", "#4d2140"),
    "output": ("#006a4c", "#4ad6a8"),
    "output-fill": ("#d2efe4", "#0c4535"),
    "gradient": ("#b03a00", "#ff9b70"),
    "gradient-fill": ("#fbdccd", "#5c2612"),
    "plain": ("#4d5661", "#b3bcc6"),
    "plain-fill": ("#fdfdfd", "#1a1e23"),
    "frame": ("#5b636d", "#a3adb8"),
    "frame-fill": ("#f1f3f5", "#22272d"),
}
