"""Labels told apart clearly, and hardly, in pictures and films of a street."""

LABEL_SETS = [
    "people,car",
    "people walking,an empty street,a car",
    "cat,dog",
    "person,dog,bicycle,car,bus,tree",
    "a street with people,a beach,a kitchen,a forest",
    "night,a square,a man,a shop window,sports,food,rain,a lawn",
    "a crowd,a building,a woman,snow,a fountain,office,a drawing,tree,bus,bicycle,dog,cat",
]
