"""True claims of every tool, true rewordings of them, and fluent lies: what grounding is judged on.

Everything here was written before the checker. Its word lists and limits were tuned on two thirds of
the rewordings and lies; every third one, `kept_aside`, was looked at only after that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NAMES = (
    # groups
    "Happy Families", "Thrifty Backpackers", "Luxury Lovers", "Night Owls", "Trail Walkers",
    "Remote Workers", "Business Travellers", "Food Lovers", "Easy Movers",
    # users
    "b07", "b12", "b31", "b44", "f03", "lx19", "lx22", "n05", "t11", "w02", "A3CIUOJXQ5VDQ2",
    "418229860210057216", "O'Neil 7", "007", "marta_s",
    # items
    "Casa do Telheiro Hostel", "Stall 31", "Mrs Rennie's B&B", "Hotel Aurora", "The Blue Lantern",
    "Café 22", "St. Mary's Inn", "Harbour 9 Apartments", "Sunset Kayak Tours", "Grand Meridian Spa",
    # topics
    "budget travel", "hostel price", "Wi-Fi", "breakfast", "boat trips", "spa treatments",
    "kids' club", "night bus", "step-free access", "value for money", "noise at night",
    "mountain trails", "street food", "room service", "meeting rooms", "check-in",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One answer: the claims a tool's facts gave, and what may and may not be said of them."""

    tool: str
    claims: Sequence[str]
    true: Sequence[str]
    lies: Sequence[str]
    evidence: Mapping[int, str] = field(default_factory=dict)


FIND_LIKERS = Case(
    "find_users",
    claims=(
        "14 users love budget travel, and 9 of them (64%) are in Thrifty Backpackers, 5.1 times "
        "their share of all users [1][2].",
        "b07 of Thrifty Backpackers leads with 5 warm sentences out of 6, warmth +0.82: “Twenty-two "
        "euros a night and they throw in soup” [1].",
        "b12 of Thrifty Backpackers follows with 4 warm sentences out of 4, warmth +0.74: “the "
        "cheapest bed in town is also the friendliest” [2].",
        "O'Neil 7 of Remote Workers comes third with 3 warm sentences out of 5, warmth +0.51: “I "
        "travel on a shoestring and regret nothing” [3].",
        "418229860210057216 belongs to no group and has 2 warm sentences out of 2 [4].",
        "Of the 14, 5 are in other groups or in none.",
    ),
    true=(
        "Budget travel is loved by 14 users, 9 of whom (64%) belong to Thrifty Backpackers [1][2].",
        "According to the reviews, 14 users love budget travel, and 64% of them are Thrifty "
        "Backpackers [1].",
        "Fourteen users love budget travel, nine of them in Thrifty Backpackers [1][2].",
        "Of the 14 users who love budget travel, 9 come from Thrifty Backpackers, which is 5.1 times "
        "their share of all users [1][2].",
        "Thrifty Backpackers account for 9 of the 14 budget travel fans [1][2].",
        "Nearly two thirds of the 14 users who love budget travel are in Thrifty Backpackers [2].",
        "The biggest fan is b07, with 5 warm sentences out of 6: “Twenty-two euros a night and they "
        "throw in soup” [1].",
        "b07 leads the list with 5 of 6 warm sentences and a warmth of +0.82 [1].",
        "At the top is b07, who writes “they throw in soup” [1].",
        "User b12 comes next, with 4 warm sentences out of 4 and warmth +0.74 [2].",
        "All four of b12's sentences are warm [2].",
        "As b12 puts it, “the cheapest bed in town is also the friendliest” [2].",
        "O'Neil 7, a member of Remote Workers, is third with 3 warm sentences out of 5 [3].",
        "O'Neil 7 of Remote Workers says “I travel on a shoestring and regret nothing” [3].",
        "418229860210057216 is in no group, but has 2 warm sentences out of 2 [4].",
        "Five of the 14 are in other groups or none.",
        "More than half of them are in Thrifty Backpackers [1][2].",
        "b07 leads with 5 warm sentences out of 6 [1], and b12 follows with 4 out of 4 [2].",
        "Thrifty Backpackers are about 5 times as common among these users as among all users [1].",
        "Here is what the reviews say about budget travel.",
        "Here are the users who love budget travel the most.",
        "Most of the 14 budget travel lovers are Thrifty Backpackers [1][2].",
        "A total of 14 users love budget travel [1][2].",
        "Thrifty Backpackers stand out: 9 of the 14 users who love budget travel belong to this group, which is 5.1 times their share of all users [1].",
        "The user b07, who is in Thrifty Backpackers, has the warmest words, with a warmth of +0.82 [1].",
        "b07 wrote that it was “Twenty-two euros a night and they throw in soup” [1].",
        "In second place is b12 from Thrifty Backpackers, whose 4 sentences are all warm [2].",
        "“I travel on a shoestring and regret nothing,” writes O'Neil 7 from Remote Workers [3].",
        "There is also 418229860210057216, who has no group and 2 warm sentences out of 2 [4].",
        "Budget travel is most popular among Thrifty Backpackers, with 64% of the users who love it [1][2].",
        "The other 5 are in other groups or in none.",
    ),
    lies=(
        "9 users love budget travel, and 14 of them are in Thrifty Backpackers [1][2].",
        "14 users hate budget travel, and 9 of them (64%) are in Thrifty Backpackers [1][2].",
        "14 users love budget travel, and 9 of them (64%) are in Luxury Lovers [1][2].",
        "All 14 users who love budget travel are in Thrifty Backpackers [1][2].",
        "14 reviews love budget travel [1].",
        "b12 leads with 5 warm sentences out of 6 [1].",
        "b07 of Remote Workers leads with 5 warm sentences out of 6 [1].",
        "b07 has 5 cold sentences out of 6 [1].",
        "b07 says “they throw in breakfast” [1].",
        "As b12 puts it, “Twenty-two euros a night and they throw in soup” [1].",
        "They also enjoy skiing.",
        "Thrifty Backpackers are 64 times as common as among all users [1].",
        "Less than half of them are in Thrifty Backpackers [1].",
        "Marta Silva leads the list with 5 warm sentences out of 6 [1].",
        "b99 comes next with 4 warm sentences out of 4 [2].",
        "14 users love budget travel.",
        "14 users love budget travel [7].",
        "Read more at https://example.com/budget.",
    ),
    evidence={
        1: "Twenty-two euros a night and they throw in soup. Not the place for light sleepers, but "
        "I would not stay anywhere else in Porto.",
        2: "Honestly, the cheapest bed in town is also the friendliest. Bring your own towel.",
        3: "I travel on a shoestring and regret nothing... The kitchen is tiny.",
        4: "Cheap, clean, central. I'd go back tomorrow for that price.",
    },
)

FIND_HATERS = Case(
    "find_users",
    claims=(
        "23 users dislike noise at night, and 11 of them (48%) are in Happy Families, 2.6 times "
        "their share of all users [1].",
        "f03 of Happy Families is the most annoyed, with 7 cold sentences out of 8, warmth −0.77: "
        "“the bar under our window thumped until four” [1].",
        "lx19 of Luxury Lovers follows with 4 cold sentences out of 4: “paper-thin walls at this "
        "price are an insult” [2].",
        "Night Owls are under-represented: 1 of the 23 comes from there, 0.4 times their share.",
        "6 of them gave the place 2 stars or less.",
    ),
    true=(
        "Noise at night annoys 23 users, 11 of whom are in Happy Families [1].",
        "23 users complain about noise at night, and almost half of them (48%) belong to Happy "
        "Families [1].",
        "Happy Families make up 11 of the 23 users who dislike noise at night [1].",
        "The most annoyed is f03, with 7 cold sentences out of 8 and a warmth of −0.77 [1].",
        "f03 writes that “the bar under our window thumped until four” [1].",
        "lx19 agrees, with 4 cold sentences out of 4: “paper-thin walls at this price are an "
        "insult” [2].",
        "“Paper-thin walls at this price are an insult,” says lx19 [2].",
        "Only one of the 23 is from Night Owls, 0.4 times their share.",
        "Night Owls are less common here than elsewhere, at 0.4 times their share.",
        "Six of them gave 2 stars or less.",
        "Eleven of the 23 unhappy users are in Happy Families, 2.6 times their share [1].",
        "Happy Families are 2.6 times as frequent among them as among all users [1].",
        "A total of 23 users dislike noise at night [1].",
        "Most complaints come from Happy Families, with 11 of the 23 users [1].",
        "Noise at night is disliked by 23 users, and nearly half of them, 48%, are in Happy Families [1].",
        "User f03 from Happy Families complains the most, with 7 of 8 sentences cold [1].",
        "One guest, f03, wrote that “the bar under our window thumped until four” [1].",
        "For lx19 of Luxury Lovers, “paper-thin walls at this price are an insult” [2].",
        "Only 1 of the 23 users comes from Night Owls.",
        "Of these users, 6 gave the place 2 stars or less.",
        "f03 is the unhappiest, with a warmth of −0.77 [1].",
    ),
    lies=(
        "23 users enjoy noise at night [1].",
        "Night Owls are over-represented, at 2.6 times their share [1].",
        "Happy Families are 0.4 times as frequent among them as among all users.",
        "f03 has 7 warm sentences out of 8 [1].",
        "f03 has a warmth of +0.77 [1].",
        "lx19 of Happy Families follows with 4 cold sentences out of 4 [2].",
        "f03 writes that “the bar under our window closed at four” [1].",
        "11 of the 23 are in Night Owls.",
        "Six of them gave 2 stars or more.",
        "48 users dislike noise at night [1].",
    ),
    evidence={
        1: "Lovely pool. But the bar under our window thumped until four, and nobody at the desk "
        "cared; we have a toddler.",
        2: "Paper-thin walls at this price are an insult. I could hear the lift.",
    },
)

NOBODY = Case(
    "find_users",
    claims=(
        "No user talks about submarines: the closest topic is boat trips.",
        "31 users talk about boat trips, in 58 sentences.",
    ),
    true=(
        "No one talks about submarines.",
        "Nobody in these reviews mentions submarines; the closest topic is boat trips.",
        "There are no users who talk about submarines.",
        "Submarines are not mentioned by any user.",
        "The closest topic is boat trips, which 31 users talk about in 58 sentences.",
        "I found no user who talks about submarines, but 31 users talk about boat trips.",
        "Unfortunately, no user talks about submarines.",
        "Submarines don't come up in the reviews.",
        "None of the users talk about submarines.",
        "I could not find anyone who talks about submarines.",
        "There were 58 sentences about boat trips, written by 31 users.",
        "Boat trips are the closest topic, with 31 users and 58 sentences.",
        "Nothing was said about submarines, the closest topic being boat trips.",
        "A total of 31 users talk about boat trips.",
        "Boat trips come up in 58 sentences.",
    ),
    lies=(
        "Users talk about submarines.",
        "31 users talk about submarines.",
        "Many users mention submarines.",
        "No user talks about boat trips.",
        "Every user talks about submarines.",
    ),
)

GROUPS = Case(
    "list_groups",
    claims=(
        "There are 8 groups with 412 users in all, and 37 users (8.2%) belong to no group.",
        "Group 1, Happy Families, has 96 users, 23.3% of all, and an average rating of 4.1 stars.",
        "Group 2, Thrifty Backpackers, has 38 users, 9.1% of all, and an average rating of 3.9 "
        "stars.",
        "Group 3, Luxury Lovers, has 52 users, 12.6% of all, and an average rating of 4.4 stars.",
        "Group 5, Trail Walkers, is the smallest with 21 users, 5.1% of all, and an average rating "
        "of 4.3 stars.",
        "Happy Families is the largest group.",
        "Remote Workers grew fastest, by 18% in the last 90 days.",
    ),
    true=(
        "The users fall into 8 groups; 37 of them (8.2%) belong to no group.",
        "In total there are eight groups covering 412 users.",
        "The largest group is Happy Families, with 96 users (23.3% of all).",
        "Happy Families, the biggest group, has 96 users and an average rating of 4.1 stars.",
        "Thrifty Backpackers (group 2) counts 38 users, or 9.1% of all, and averages 3.9 stars.",
        "Thrifty Backpackers have 38 users and rate 3.9 stars on average.",
        "Luxury Lovers is a group of 52 users who give 4.4 stars on average.",
        "With an average of 4.4 stars, Luxury Lovers has 52 users.",
        "Trail Walkers is the smallest group, with just 21 users.",
        "The smallest is Trail Walkers with 21 users and an average rating of 4.3.",
        "Remote Workers is the fastest growing group, up 18% in the last 90 days.",
        "Happy Families has 96 users, while Thrifty Backpackers has 38.",
        "Luxury Lovers has 52 users and Trail Walkers has 21.",
        "About a quarter of all users, 96 people, are in Happy Families.",
        "37 users are in no group at all.",
        "Roughly 9% of all users are in Thrifty Backpackers.",
        "We found 8 groups, which hold 412 users.",
        "The biggest group is Happy Families, which makes up 23.3% of all users.",
        "Thrifty Backpackers is smaller, with 38 users (9.1%) and an average rating of 3.9 stars.",
        "Among the groups, Remote Workers is growing fastest, by 18% over the last 90 days.",
        "Luxury Lovers (52 users, 12.6% of all) gives an average rating of 4.4 stars.",
        "The group with the fewest users is Trail Walkers, which has 21.",
        "Trail Walkers rate 4.3 stars on average.",
        "Not everyone fits: 37 users, or 8.2%, belong to no group.",
        "Group 1 is Happy Families with 96 users.",
    ),
    lies=(
        "Thrifty Backpackers has 52 users and Luxury Lovers has 38.",
        "Happy Families is the smallest group.",
        "The largest group is Trail Walkers, with 21 users.",
        "There are 9 groups with 412 users in all.",
        "Luxury Lovers average 3.9 stars.",
        "Luxury Lovers, with 12.6% of all users, average 4.1 stars.",
        "Remote Workers shrank by 18% in the last 90 days.",
        "Remote Workers grew by 18% in the last 90 weeks.",
        "Thrifty Backpackers has 38 reviews.",
        "Group 3, Thrifty Backpackers, has 38 users.",
        "The Wine Tasters are the largest group.",
        "412 users belong to no group.",
    ),
)

DESCRIBE = Case(
    "describe_group",
    claims=(
        "Thrifty Backpackers (group 2) has 38 users who wrote 214 reviews, 5.6 each.",
        "Thrifty Backpackers talk 4.2 times as often as others about hostel price (p < 0.001).",
        "Thrifty Backpackers talk 2.3 times as often as others about night bus (p = 0.004).",
        "They love value for money: 81% of 63 sentences are warm, against 55% among others [1].",
        "They complain about Wi-Fi: 58% of 40 sentences are negative, against 34% among others [2].",
        "Their favourite item is Casa do Telheiro Hostel, with 17 reviews and 4.6 stars.",
        "A typical member is b44: “I count every coin and this place lets me keep most of them” [3].",
        "Their average rating of 3.9 stars is 0.2 below the average of everyone.",
        "They seldom mention spa treatments: 0.1 times as often as others (p < 0.001).",
    ),
    true=(
        "Thrifty Backpackers is a group of 38 users with 214 reviews, or 5.6 each.",
        "The 38 users of Thrifty Backpackers wrote 214 reviews.",
        "Compared with others, Thrifty Backpackers talk 4.2 times as often about hostel price "
        "(p < 0.001).",
        "Hostel price comes up 4.2 times as often in Thrifty Backpackers as elsewhere.",
        "What sets Thrifty Backpackers apart is hostel price, which they talk about 4.2 times as "
        "often as others.",
        "They talk more than four times as often as others about hostel price (p < 0.001).",
        "Night bus is another favourite subject: Thrifty Backpackers mention it 2.3 times as often "
        "(p = 0.004).",
        "They talk more than twice as often as others about the night bus.",
        "Value for money pleases them: 81% of the 63 sentences about it are warm, compared to 55% "
        "among others [1].",
        "They love value for money, with 81% warm sentences [1].",
        "Wi-Fi is a source of complaints, with 58% of 40 sentences negative [2].",
        "They are unhappy with the Wi-Fi: 58% of their sentences about it are negative, against 34% "
        "among others [2].",
        "Casa do Telheiro Hostel is their favourite, with 17 reviews and 4.6 stars.",
        "Their best-loved place is Casa do Telheiro Hostel, rated 4.6 stars in 17 reviews.",
        "b44 is typical of the group: “I count every coin and this place lets me keep most of "
        "them” [3].",
        "On average they give 3.9 stars, 0.2 below everyone's average.",
        "Spa treatments are hardly mentioned, only 0.1 times as often as by others.",
        "They love value for money [1] but complain about Wi-Fi [2].",
        "Thrifty Backpackers care about hostel price and the night bus.",
        "This group rates lower than average, at 3.9 stars.",
        "The difference in hostel price is statistically significant (p < 0.001).",
        "The group called Thrifty Backpackers has a total of 38 users and 214 reviews.",
        "Each of the 38 users wrote 5.6 reviews on average.",
        "Hostel price is the topic they talk about far more than others, 4.2 times as often (p < 0.001).",
        "What they like is value for money, where 81% of 63 sentences are warm [1].",
        "What they don't like is the Wi-Fi, with 58% of 40 sentences negative [2].",
        "Their favourite place to stay is Casa do Telheiro Hostel, which got 4.6 stars in 17 reviews.",
        "As one member, b44, says: “I count every coin and this place lets me keep most of them” [3].",
        "Their ratings are a bit lower than average: 3.9 stars, 0.2 below everyone.",
        "They rarely talk about spa treatments.",
    ),
    lies=(
        "They love Wi-Fi: 58% of 40 sentences are negative [2].",
        "They complain about value for money: 81% of 63 sentences are warm [1].",
        "They complain about value for money [1] but love Wi-Fi [2].",
        "Thrifty Backpackers talk 2.3 times as often as others about hostel price.",
        "Thrifty Backpackers talk 4.2 times as often as others about spa treatments.",
        "They often mention spa treatments.",
        "Their average rating is 0.2 above the average of everyone.",
        "81% of 40 sentences about value for money are warm [1].",
        "58% of their sentences about Wi-Fi are positive [2].",
        "Their favourite item is Hotel Aurora, with 17 reviews and 4.6 stars.",
        "The 214 users of Thrifty Backpackers wrote 38 reviews.",
        "They talk 4.2% as often as others about hostel price.",
        "Thrifty Backpackers talk about hostel price (p < 0.01).",
        "b44 is typical: “I count every coin and this place lets me keep none of them” [3].",
        "Most of them are students from Germany.",
        "They prefer vegetarian restaurants and museums.",
    ),
    evidence={
        1: "For what you pay, this is unbeatable: a locker, a lamp, a real duvet.",
        2: "The Wi-Fi drops every ten minutes. I gave up and went to the library.",
        3: "I count every coin and this place lets me keep most of them. See you in May.",
    },
)

COMPARE = Case(
    "compare_groups",
    claims=(
        "Luxury Lovers rate 4.4 stars on average, Thrifty Backpackers 3.9.",
        "Luxury Lovers talk more about spa treatments than Thrifty Backpackers: 22% against 1% of "
        "sentences (p < 0.001).",
        "Thrifty Backpackers talk more about hostel price than Luxury Lovers: 31% against 4% of "
        "sentences (p < 0.001).",
        "Both groups are warm about breakfast: 72% of sentences in Luxury Lovers and 69% in Thrifty "
        "Backpackers are positive [1][2].",
        "Luxury Lovers praise room service, Thrifty Backpackers complain about it [3][4].",
        "Luxury Lovers is larger, with 52 users against 38.",
    ),
    true=(
        "Luxury Lovers give 4.4 stars on average and Thrifty Backpackers give 3.9.",
        "On average, Thrifty Backpackers rate 3.9 stars, against 4.4 for Luxury Lovers.",
        "Thrifty Backpackers rate lower than Luxury Lovers, 3.9 stars against 4.4.",
        "Spa treatments matter more to Luxury Lovers (22% of sentences) than to Thrifty Backpackers "
        "(1%).",
        "Thrifty Backpackers talk less about spa treatments than Luxury Lovers, 1% of sentences "
        "against 22%.",
        "31% of Thrifty Backpackers' sentences are about hostel price, compared to 4% of Luxury "
        "Lovers'.",
        "Hostel price is mentioned more by Thrifty Backpackers than by Luxury Lovers.",
        "Both groups like breakfast: 72% of Luxury Lovers' sentences are positive and 69% of Thrifty "
        "Backpackers' [1][2].",
        "They agree on breakfast, which both groups praise [1][2].",
        "Room service is praised by Luxury Lovers but criticised by Thrifty Backpackers [3][4].",
        "Thrifty Backpackers complain about room service, whereas Luxury Lovers praise it [3][4].",
        "With 52 users, Luxury Lovers is the larger group; Thrifty Backpackers has 38.",
        "The two groups differ most in what they talk about.",
        "Luxury Lovers are more generous, with 4.4 stars on average against 3.9 for Thrifty Backpackers.",
        "Thrifty Backpackers care more about hostel price: 31% of their sentences are about it, against 4% for Luxury Lovers.",
        "While 22% of Luxury Lovers' sentences are about spa treatments, only 1% of Thrifty Backpackers' are.",
        "Breakfast is liked by both groups, with 72% positive sentences in Luxury Lovers and 69% in Thrifty Backpackers [1][2].",
        "Luxury Lovers like room service, but Thrifty Backpackers do not like it [3][4].",
        "Luxury Lovers is the larger of the two, with 52 users against 38.",
        "The difference in spa treatments is significant (p < 0.001).",
        "Compared to Luxury Lovers, Thrifty Backpackers talk more about hostel price.",
        "One thing they have in common is that they are warm about breakfast [1][2].",
    ),
    lies=(
        "Thrifty Backpackers rate 4.4 stars on average, Luxury Lovers 3.9.",
        "Thrifty Backpackers talk more about spa treatments than Luxury Lovers.",
        "Luxury Lovers talk less about spa treatments than Thrifty Backpackers.",
        "Thrifty Backpackers praise room service, Luxury Lovers complain about it [3][4].",
        "Both groups are cold about breakfast [1][2].",
        "Luxury Lovers is smaller, with 52 users against 38.",
        "Thrifty Backpackers is larger, with 52 users against 38.",
        "72% of sentences in Thrifty Backpackers and 69% in Luxury Lovers are positive about "
        "breakfast [1][2].",
        "31% of Luxury Lovers' sentences are about hostel price.",
    ),
    evidence={
        1: "The breakfast terrace alone is worth the flight.",
        2: "Breakfast is bread, jam and as much coffee as you like. Perfect.",
        3: "Room service arrived in nine minutes with a rose.",
        4: "Who pays twelve euros for room service? Not me.",
    },
)

USER = Case(
    "describe_user",
    claims=(
        "b07 wrote 12 reviews between March 2023 and January 2025 and gives 4.2 stars on average, "
        "0.3 more than their group.",
        "b07 is in Thrifty Backpackers because 41% of their sentences are about hostel price, "
        "against 8% among everyone [1].",
        "b07 loves street food, in 6 of 7 sentences: “grilled sardines on a paper plate, heaven” "
        "[2].",
        "b07 dislikes check-in, in 3 of 4 sentences: “forty minutes for a key” [3].",
        "Their last review, on 14 January 2025, gave Stall 31 5 stars [2].",
        "Of their 12 reviews, 9 are of hostels.",
    ),
    true=(
        "b07 has written 12 reviews, from March 2023 to January 2025.",
        "User b07 wrote 12 reviews and gives an average of 4.2 stars, 0.3 above their group.",
        "b07 belongs to Thrifty Backpackers, since 41% of their sentences are about hostel price, "
        "against 8% for everyone [1].",
        "41% of what b07 writes is about hostel price, compared with 8% among everyone [1].",
        "They love street food: “grilled sardines on a paper plate, heaven” [2].",
        "Six of b07's seven sentences about street food are warm [2].",
        "b07 loves street food but dislikes check-in [2][3].",
        "b07 is less happy with check-in, complaining in 3 of 4 sentences: “forty minutes for a "
        "key” [3].",
        "Their most recent review, from 14 January 2025, gave 5 stars to Stall 31 [2].",
        "On January 14, 2025, b07 gave Stall 31 five stars [2].",
        "Nine of the 12 reviews are of hostels.",
        "In January 2025 they gave Stall 31 5 stars [2].",
        "b07 is a user with 12 reviews and an average of 4.2 stars.",
        "Between March 2023 and January 2025, b07 wrote 12 reviews.",
        "The reason b07 is in Thrifty Backpackers is hostel price: 41% of their sentences are about it [1].",
        "They are fond of street food, as 6 of 7 sentences show: “grilled sardines on a paper plate, heaven” [2].",
        "What b07 does not like is check-in: “forty minutes for a key” [3].",
        "b07 complains about check-in in 3 of 4 sentences [3].",
        "The latest review is from 14 January 2025 and gave Stall 31 five stars [2].",
        "9 of their 12 reviews are of hostels.",
        "b07 rates slightly higher than their group, with 4.2 stars on average.",
    ),
    lies=(
        "b07 wrote 9 reviews between March 2023 and January 2025.",
        "b07 wrote 12 reviews between January 2023 and March 2025.",
        "b07 is in Luxury Lovers because 41% of their sentences are about hostel price [1].",
        "b07 dislikes street food [2].",
        "b07 loves check-in [3].",
        "b07 loves check-in but dislikes street food [2][3].",
        "b12 wrote 12 reviews and gives 4.2 stars on average.",
        "b07 gives 4.2 stars on average, 0.3 less than their group.",
        "8% of their sentences are about hostel price, against 41% among everyone [1].",
        "Their last review, on 15 January 2025, gave Stall 31 5 stars [2].",
        "Their last review, on 14 January 2025, gave Stall 32 5 stars [2].",
        "b07 says “forty minutes for a coffee” [3].",
        "b07 says “forty minutes for a key” [2].",
    ),
    evidence={
        1: "Checked six places, took the one at nineteen euros.",
        2: "Stall 31 again: grilled sardines on a paper plate, heaven. Cash only.",
        3: "Forty minutes for a key. Then the lift was out.",
    },
)

RECOMMEND = Case(
    "recommend",
    claims=(
        "The best match for lx22 is Grand Meridian Spa, with a predicted 4.7 stars.",
        "Hotel Aurora comes second with a predicted 4.5 stars, because lx22 loves spa treatments "
        "[1].",
        "The Blue Lantern comes third with a predicted 4.3 stars: 8 users with similar taste gave "
        "it 4.8 stars.",
        "Mrs Rennie's B&B is not recommended: lx22 dislikes noise at night, and 35% of its "
        "sentences complain of it [2].",
        "10 items were ranked from 640 that lx22 has not reviewed.",
    ),
    true=(
        "For lx22, the top recommendation is Grand Meridian Spa, with a predicted 4.7 stars.",
        "Grand Meridian Spa is the best match for lx22, predicted at 4.7 stars.",
        "In second place is Hotel Aurora, predicted 4.5 stars, as lx22 loves spa treatments [1].",
        "Hotel Aurora suits lx22 because they love spa treatments [1].",
        "Next comes Hotel Aurora, with a predicted 4.5 stars [1].",
        "The Blue Lantern is third: eight users with similar taste gave it 4.8 stars.",
        "Third is The Blue Lantern with a predicted 4.3 stars.",
        "Users with similar taste, 8 of them, gave The Blue Lantern 4.8 stars.",
        "I would not recommend Mrs Rennie's B&B, since lx22 dislikes noise at night [2].",
        "Mrs Rennie's B&B is not recommended, as 35% of its sentences complain of noise at night "
        "[2].",
        "These 10 items were ranked out of 640 that lx22 has not reviewed yet.",
        "The best match is Grand Meridian Spa with 4.7 predicted stars, and second comes Hotel "
        "Aurora with 4.5 [1].",
        "I recommend Grand Meridian Spa for lx22, with a predicted rating of 4.7 stars.",
        "The first choice for lx22 would be Grand Meridian Spa.",
        "Hotel Aurora is second, with 4.5 stars predicted, since lx22 loves spa treatments [1].",
        "Because lx22 loves spa treatments, Hotel Aurora is recommended too [1].",
        "The Blue Lantern, in third place, has a predicted 4.3 stars.",
        "8 users who have similar taste rated The Blue Lantern 4.8 stars.",
        "Avoid Mrs Rennie's B&B: 35% of its sentences complain of noise at night, which lx22 dislikes [2].",
        "Out of 640 items that lx22 has not reviewed, 10 were ranked.",
        "For lx22 the best match is Grand Meridian Spa (4.7 stars predicted).",
    ),
    lies=(
        "The best match for lx22 is Hotel Aurora, with a predicted 4.7 stars.",
        "The best match for lx19 is Grand Meridian Spa.",
        "Mrs Rennie's B&B is recommended for lx22 [2].",
        "Hotel Aurora comes third with a predicted 4.5 stars [1].",
        "Hotel Aurora is not recommended [1].",
        "The worst match for lx22 is Grand Meridian Spa.",
        "8 users with similar taste gave The Blue Lantern 4.3 stars.",
        "lx22 hates spa treatments [1].",
        "Hotel Aurora is the best choice, with free parking and a casino.",
    ),
    evidence={
        1: "The hammam, the massage, the silence: I lived in that spa.",
        2: "Sweet hosts, but the pub next door sings until two.",
    },
)

EXPLAIN = Case(
    "explain_recommendation",
    claims=(
        "Casa do Telheiro Hostel suits b07: the predicted rating is 4.6 stars, 0.7 above its "
        "average.",
        "b07 wrote warmly about hostel price in 11 sentences, and 90% of 52 sentences about it here "
        "are warm [1].",
        "17 of 38 Thrifty Backpackers reviewed it and gave 4.6 stars on average.",
        "One thing speaks against it: 29% of its sentences about Wi-Fi are negative, and b07 "
        "complained of Wi-Fi twice [2].",
        "It costs 19 euros a night, 12 euros less than b07 usually pays.",
    ),
    true=(
        "Casa do Telheiro Hostel is a good fit for b07, with a predicted rating of 4.6 stars, 0.7 "
        "above its average.",
        "b07 should like Casa do Telheiro Hostel: the predicted rating is 4.6 stars.",
        "Hostel price is a reason: b07 wrote about it warmly in 11 sentences, and 90% of 52 "
        "sentences here are warm [1].",
        "Of the 38 Thrifty Backpackers, 17 reviewed it, giving 4.6 stars on average.",
        "17 of the 38 users in Thrifty Backpackers gave it an average of 4.6 stars.",
        "On the other hand, 29% of its sentences about Wi-Fi are negative, and b07 complained about "
        "Wi-Fi twice [2].",
        "A drawback is Wi-Fi: 29% of the sentences about it are negative [2].",
        "At 19 euros a night it is 12 euros cheaper than what b07 usually pays.",
        "A night costs €19, €12 less than b07 usually pays.",
        "Why does Casa do Telheiro Hostel suit b07?",
        "The predicted rating for b07 is 4.6 stars, which is 0.7 above the hostel's average.",
        "b07 wrote 11 warm sentences about hostel price [1].",
        "90% of the 52 sentences about hostel price are warm here [1].",
        "It is popular with Thrifty Backpackers too: 17 of 38 reviewed it and gave 4.6 stars on average.",
        "One thing that could bother b07 is the Wi-Fi, as 29% of the sentences about it are negative [2].",
        "b07 has complained about Wi-Fi twice before [2].",
        "The price is 19 euros a night, which is 12 euros less than b07 usually pays.",
        "Casa do Telheiro Hostel costs only 19 euros a night.",
    ),
    lies=(
        "Casa do Telheiro Hostel does not suit b07.",
        "The predicted rating is 4.6 stars, 0.7 below its average.",
        "It costs 12 euros a night, 19 euros less than b07 usually pays.",
        "It costs 19 euros a night, 12 euros more than b07 usually pays.",
        "It costs 19 dollars a night.",
        "38 of 17 Thrifty Backpackers reviewed it.",
        "29% of its sentences about Wi-Fi are positive [2].",
        "b07 complained of Wi-Fi three times [2].",
    ),
    evidence={
        1: "Nineteen euros. In July! I checked the bill twice.",
        2: "Everything works except the Wi-Fi.",
    },
)

SEARCH = Case(
    "search_reviews",
    claims=(
        "5 of 128 sentences about step-free access are shown, the closest first.",
        "w02 on Hotel Aurora, 5 stars: “a ramp at every door and nobody makes a fuss of it” [1].",
        "t11 on St. Mary's Inn, 2 stars: “eleven steps and no handrail, they said step-free” [2].",
        "marta_s on Harbour 9 Apartments, 4 stars: “the lift is small but it fits the chair” [3].",
        "007 on Café 22, 1 star: “the only toilet is in the cellar” [4].",
        "Of the 5, 3 are positive and 2 negative.",
    ),
    true=(
        "The closest 5 of 128 sentences about step-free access are shown.",
        "w02 gave Hotel Aurora 5 stars and wrote: “a ramp at every door and nobody makes a fuss of "
        "it” [1].",
        "About Hotel Aurora, w02 says “a ramp at every door” [1].",
        "t11 gave St. Mary's Inn only 2 stars: “eleven steps and no handrail, they said step-free” "
        "[2].",
        "At St. Mary's Inn, t11 found “eleven steps and no handrail” [2].",
        "marta_s writes of Harbour 9 Apartments that “the lift is small but it fits the chair” [3].",
        "Harbour 9 Apartments got 4 stars from marta_s [3].",
        "User 007 gave Café 22 one star, as “the only toilet is in the cellar” [4].",
        "Three of the five are positive and two negative.",
        "3 of the 5 sentences shown are positive.",
        "w02 praises Hotel Aurora for “a ramp at every door … nobody makes a fuss of it” [1].",
        "I found 128 sentences about step-free access and show the 5 closest.",
        "A 5-star review of Hotel Aurora by w02 says there is “a ramp at every door and nobody makes a fuss of it” [1].",
        "w02 is happy with Hotel Aurora: “a ramp at every door and nobody makes a fuss of it” [1].",
        "St. Mary's Inn was rated 2 stars by t11, who found “eleven steps and no handrail, they said step-free” [2].",
        "In a review of Harbour 9 Apartments, marta_s wrote “the lift is small but it fits the chair” [3].",
        "marta_s gave 4 stars to Harbour 9 Apartments [3].",
        "At Café 22, 007 complains that “the only toilet is in the cellar” [4].",
        "Two of the five are negative.",
        "Three are positive and two are negative.",
    ),
    lies=(
        "w02 gave Hotel Aurora 2 stars [1].",
        "t11 gave Hotel Aurora 2 stars [2].",
        "t11 gave St. Mary's Inn 5 stars [2].",
        "marta_s says “the lift is broken but it fits the chair” [3].",
        "007 gave Harbour 9 Apartments 1 star [4].",
        "2 of the 5 are positive and 3 negative.",
        "t11 found “eleven steps and a handrail” [2].",
        "w02 says “the lift is small but it fits the chair” [1].",
        "w02 says “a ramp at every door”.",
    ),
    evidence={
        1: "A ramp at every door and nobody makes a fuss of it. We will be back.",
        2: "Eleven steps and no handrail, they said step-free. Staff carried me, kindly.",
        3: "Fourth floor, the lift is small but it fits the chair. Lovely view.",
        4: "Coffee fine. But the only toilet is in the cellar.",
    },
)

TOPIC = Case(
    "describe_topic",
    claims=(
        "402 sentences by 156 users are about breakfast, and 71% of them are positive.",
        "Food Lovers are warmest about breakfast, with 84% positive of 97 sentences [1].",
        "Business Travellers are coldest about it, with 46% positive of 59 sentences [2].",
        "Words that go with breakfast are pastries, eggs and queue.",
        "The queue is the main complaint: 33 sentences mention it [2].",
        "Easy Movers don't talk about breakfast more than others (p = 0.41).",
        "Best rated for breakfast is Hotel Aurora, worst rated St. Mary's Inn.",
    ),
    true=(
        "Breakfast is the subject of 402 sentences by 156 users, 71% of them positive.",
        "71% of the 402 sentences about breakfast are positive.",
        "156 users wrote about breakfast, mostly in a positive way.",
        "Food Lovers like breakfast best, with 84% of 97 sentences positive [1].",
        "The warmest are Food Lovers: 84% of their 97 sentences are positive [1].",
        "Business Travellers are the coldest, with only 46% of 59 sentences positive [2].",
        "Breakfast gets the coldest words from Business Travellers, 46% positive [2].",
        "Typical words are pastries, eggs and queue.",
        "The main complaint is the queue, mentioned in 33 sentences [2].",
        "Easy Movers do not talk about breakfast more than others do (p = 0.41).",
        "For Easy Movers there is no significant difference (p = 0.41).",
        "Hotel Aurora is rated best for breakfast and St. Mary's Inn worst.",
        "St. Mary's Inn has the worst rated breakfast, Hotel Aurora the best.",
        "Food Lovers are warmest about breakfast [1], while Business Travellers are coldest [2].",
        "There are 402 sentences about breakfast, written by 156 users.",
        "Overall, people like breakfast: 71% of the sentences are positive.",
        "Food Lovers are the warmest group, with 84% positive sentences about breakfast [1].",
        "Among Business Travellers only 46% of 59 sentences are positive [2].",
        "People who write about breakfast often mention pastries, eggs and queue.",
        "33 sentences complain about the queue [2].",
        "Easy Movers mention breakfast no more than others (p = 0.41).",
        "For breakfast, Hotel Aurora is rated best.",
        "The worst rated breakfast is at St. Mary's Inn.",
    ),
    lies=(
        "Food Lovers are coldest about breakfast, with 84% positive of 97 sentences [1].",
        "Business Travellers are warmest about it [2].",
        "Food Lovers are coldest about breakfast [1], while Business Travellers are warmest [2].",
        "402 users wrote 156 sentences about breakfast.",
        "71% of them are negative.",
        "Easy Movers talk about breakfast more than others.",
        "Hotel Aurora is rated worst for breakfast.",
        "Best rated for breakfast is St. Mary's Inn, worst rated Hotel Aurora.",
        "Night Owls are warmest about breakfast, with 84% positive of 97 sentences [1].",
        "The queue is praised in 33 sentences [2].",
    ),
    evidence={
        1: "Warm pastries at seven and eggs any way you want.",
        2: "Twenty people in the breakfast queue and a meeting at eight.",
    },
)

TREND = Case(
    "sentiment_trend",
    claims=(
        "In March 2025 there were 120 sentences about Wi-Fi, 31% of them negative, up from 80 the "
        "month before.",
        "In February 2025 there were 80 sentences about Wi-Fi, 24% of them negative.",
        "Average warmth fell from +0.31 in January 2025 to +0.12 in March 2025.",
        "Volume rose by 50% from February to March 2025.",
        "The highest month was August 2024, with 166 sentences.",
        "Among Remote Workers warmth rose from −0.20 to +0.05.",
        "In the second quarter of 2024 there were 210 sentences.",
    ),
    true=(
        "There were 120 sentences about Wi-Fi in March 2025, up from 80 the month before.",
        "In March 2025, 31% of the 120 sentences about Wi-Fi were negative.",
        "Wi-Fi sentences rose from 80 to 120 in March 2025, and 31% of them were negative.",
        "The number of sentences about Wi-Fi climbed to 120 in March 2025, from 80 in the previous "
        "month.",
        "February 2025 had 80 sentences about Wi-Fi, of which 24% were negative.",
        "Warmth dropped from +0.31 in January 2025 to +0.12 in March 2025.",
        "From January 2025 to March 2025, average warmth went down from +0.31 to +0.12.",
        "The volume grew by 50% between February and March 2025.",
        "The peak was August 2024, with 166 sentences.",
        "August 2024 saw the most sentences, 166 in all.",
        "For Remote Workers, warmth increased from −0.20 to +0.05.",
        "Remote Workers became warmer, rising from −0.20 to +0.05.",
        "The second quarter of 2024 had 210 sentences.",
        "Negative sentences made up 31% in March 2025.",
        "Wi-Fi was mentioned in 120 sentences in March 2025, compared with 80 the month before.",
        "From February to March 2025, the volume went up by 50%.",
        "The share of negative sentences in March 2025 was 31%.",
        "In February 2025 it was 24% of 80 sentences.",
        "Sentiment got worse: average warmth went from +0.31 in January 2025 down to +0.12 in March 2025.",
        "The busiest month was August 2024 with 166 sentences.",
        "Only Remote Workers became warmer, from −0.20 to +0.05.",
        "There were 210 sentences in the second quarter of 2024.",
        "The 120 sentences in March 2025 are more than the 80 of the month before.",
    ),
    lies=(
        "In March 2025 there were 80 sentences about Wi-Fi, up from 120 the month before.",
        "In March 2025 there were 120 sentences about Wi-Fi, down from 80 the month before.",
        "In March 2024 there were 120 sentences about Wi-Fi.",
        "In February 2025 there were 120 sentences about Wi-Fi.",
        "In March 2025, 31% of the sentences about Wi-Fi were positive.",
        "Average warmth rose from +0.12 in January 2025 to +0.31 in March 2025.",
        "Average warmth rose from +0.31 in January 2025 to +0.12 in March 2025.",
        "Average warmth fell from +0.31 in March 2025 to +0.12 in January 2025.",
        "Among Remote Workers warmth fell from +0.20 to −0.05.",
        "Among Remote Workers warmth rose from +0.20 to +0.05.",
        "The lowest month was August 2024, with 166 sentences.",
        "In the first quarter of 2024 there were 210 sentences.",
        "Volume rose by 50 sentences from February to March 2025.",
        "The router was replaced in April.",
    ),
)

ALERTS = Case(
    "list_alerts",
    claims=(
        "2 alerts in the last 30 days.",
        "Surge on 12 May 2025: 41 sentences about check-in, 3.4 times the usual 12 a day "
        "(p < 0.001) [1].",
        "Hotel Aurora's rating dropped from 4.5 to 3.8 stars in the week of 5 May 2025 [2].",
        "Night Owls caused 60% of the surge.",
        "No alert concerns Casa do Telheiro Hostel.",
    ),
    true=(
        "There were two alerts in the last 30 days.",
        "On 12 May 2025 there was a surge: 41 sentences about check-in, 3.4 times the usual 12 a day "
        "[1].",
        "Check-in surged on May 12, 2025, with 41 sentences instead of the usual 12 a day [1].",
        "The rating of Hotel Aurora fell from 4.5 to 3.8 stars in the week of 5 May 2025 [2].",
        "Hotel Aurora's rating went from 4.5 down to 3.8 stars [2].",
        "60% of the surge came from Night Owls.",
        "Night Owls were responsible for 60% of the surge.",
        "There is no alert for Casa do Telheiro Hostel.",
        "Casa do Telheiro Hostel has no alerts.",
        "In the past 30 days there were 2 alerts.",
        "The first alert is a surge of 41 sentences about check-in on 12 May 2025, 3.4 times the usual 12 a day [1].",
        "Check-in was mentioned 3.4 times as often as usual on 12 May 2025 (p < 0.001) [1].",
        "Hotel Aurora went down from 4.5 to 3.8 stars in the week of 5 May 2025 [2].",
        "In the week of 5 May 2025, Hotel Aurora's rating dropped to 3.8 stars from 4.5 [2].",
        "Most of the surge, 60%, was caused by Night Owls.",
        "None of the alerts concerns Casa do Telheiro Hostel.",
        "Two alerts were raised in the last 30 days.",
        "Night Owls made up 60% of the surge.",
    ),
    lies=(
        "There were 3 alerts in the last 30 days.",
        "There were 2 alerts in the last 12 days.",
        "Surge on 5 May 2025: 41 sentences about check-in [1].",
        "Surge on 12 May 2025: 12 sentences about check-in, 3.4 times the usual 41 a day [1].",
        "Hotel Aurora's rating rose from 3.8 to 4.5 stars [2].",
        "Hotel Aurora's rating dropped from 3.8 to 4.5 stars [2].",
        "There is an alert for Casa do Telheiro Hostel.",
        "Night Owls caused 60 alerts.",
        "Happy Families caused 60% of the surge.",
    ),
    evidence={
        1: "Queued at check-in for an hour, the system was down.",
        2: "What happened to the Aurora? Dust everywhere.",
    },
)

REPORT = Case(
    "write_report",
    claims=(
        "The report on Food Lovers has 6 sections, 14 quotes and 3 charts.",
        "It rests on 73 users and 512 reviews, and 88% of members stay in the group when the data "
        "are resampled.",
        "Food Lovers love street food most, with 92% of 141 sentences warm [1].",
        "They complain about room service most, with 51% of 35 sentences cold [2].",
        "Fewer than 20 users wrote after March 2025, so recent trends are unsure.",
    ),
    true=(
        "The Food Lovers report has six sections, with 14 quotes and 3 charts.",
        "The report is based on 512 reviews by 73 users.",
        "It rests on 73 users and 512 reviews.",
        "88% of members stay in the group when the data is resampled.",
        "What Food Lovers love most is street food, with 92% of 141 sentences warm [1].",
        "Their most common complaint is room service: 51% of 35 sentences are cold [2].",
        "Just over half of the 35 sentences about room service are cold [2].",
        "Recent trends are unsure, since fewer than 20 users wrote after March 2025.",
        "Your report on Food Lovers is ready: it has 6 sections, 14 quotes and 3 charts.",
        "The report contains six sections, fourteen quotes and three charts.",
        "It is based on 73 users with 512 reviews.",
        "The group is stable: 88% of members stay in it when the data are resampled.",
        "Food Lovers love street food more than anything, with 92% of 141 sentences warm [1].",
        "Street food is what they love most [1].",
        "They are least happy with room service, where 51% of 35 sentences are cold [2].",
        "Fewer than 20 users wrote after March 2025.",
        "Be careful with recent trends, as fewer than 20 users wrote after March 2025.",
    ),
    lies=(
        "The report has 14 sections and 6 quotes.",
        "It rests on 512 users and 73 reviews.",
        "Food Lovers love room service most [2].",
        "They complain about street food most [1].",
        "More than 20 users wrote after March 2025.",
        "Fewer than 20 users wrote before March 2025.",
        "12% of members stay in the group when the data are resampled.",
    ),
    evidence={
        1: "The dumplings from the cart by the bridge. That is the review.",
        2: "Cold fries under a silver dome, room service at its saddest.",
    },
)

REPLY = Case(
    "draft_reply",
    claims=(
        "The message is about check-in and noise at night, and its tone is negative (−0.64).",
        "n05 is in Night Owls, who care most about night bus and least about breakfast.",
        "44% of Night Owls who complained about check-in came back after a reply [1].",
        "n05 has written 7 reviews since June 2023 and gave 3.1 stars on average.",
    ),
    true=(
        "This message concerns check-in and noise at night, and its tone is negative (−0.64).",
        "The tone is negative, at −0.64.",
        "n05 belongs to Night Owls, who care most about the night bus.",
        "Night Owls care least about breakfast.",
        "44% of the Night Owls who complained about check-in returned after a reply [1].",
        "Since June 2023, n05 has written seven reviews, giving 3.1 stars on average.",
        "n05's 7 reviews average 3.1 stars.",
        "The customer writes about check-in and noise at night in a negative tone (−0.64).",
        "The message has a negative tone of −0.64.",
        "n05 is a member of Night Owls.",
        "The group cares most about the night bus and least about breakfast.",
        "After a reply, 44% of Night Owls who complained about check-in came back [1].",
        "n05 gave 3.1 stars on average in 7 reviews since June 2023.",
        "It is worth replying: 44% of the Night Owls who complained about check-in came back [1].",
        "The average rating of n05 is 3.1 stars.",
        "n05 has been writing since June 2023 and has 7 reviews.",
    ),
    lies=(
        "The tone is positive (−0.64).",
        "The tone is positive, at +0.64.",
        "Night Owls care most about breakfast.",
        "Night Owls care least about night bus.",
        "44% of Happy Families who complained about check-in came back after a reply [1].",
        "n05 has written 7 reviews since June 2024.",
        "We will refund your stay and send a voucher.",
    ),
    evidence={1: "They answered within the hour. Fair enough, we came back in spring."},
)

OVERVIEW = Case(
    "overview",
    claims=(
        "4,812 reviews by 449 users on 640 items are loaded, from 2 January 2023 to 30 May 2025.",
        "11,306 sentences were read, 62% positive, 25% negative and 13% neutral.",
        "31 records were rejected and 6 were duplicates.",
        "The average rating is 4.05 stars.",
        "The encoder is all-MiniLM-L6-v2 and no language model is used.",
        "The 3 most common topics are breakfast, Wi-Fi and check-in.",
    ),
    true=(
        "The data holds 4,812 reviews by 449 users on 640 items.",
        "There are 4812 reviews from 449 users, covering 640 items between 2 January 2023 and 30 May "
        "2025.",
        "Of 11,306 sentences, 62% are positive, 25% negative and 13% neutral.",
        "A quarter of the 11,306 sentences are negative.",
        "31 records were rejected, and 6 were duplicates.",
        "Six duplicates were found and 31 records were rejected.",
        "The average rating is 4.05 stars overall.",
        "No language model is used; the encoder is all-MiniLM-L6-v2.",
        "Breakfast, Wi-Fi and check-in are the three most common topics.",
        "People talk most about breakfast, Wi-Fi and check-in.",
        "In short, this is what is loaded.",
        "There are 4,812 reviews in total, written by 449 users about 640 items.",
        "The reviews run from 2 January 2023 to 30 May 2025.",
        "Out of 11,306 sentences, 62% were positive.",
        "62% of the sentences are positive, 25% are negative and the remaining 13% are neutral.",
        "31 records had to be rejected.",
        "On average, users give 4.05 stars.",
        "The most common topics are breakfast, Wi-Fi and check-in.",
        "The encoder used is all-MiniLM-L6-v2.",
        "No language model was used.",
    ),
    lies=(
        "The data holds 449 reviews by 4,812 users on 640 items.",
        "62% of 11,306 sentences are negative.",
        "62% are negative, 25% positive and 13% neutral.",
        "6 records were rejected and 31 were duplicates.",
        "The average rating is 4.5 stars.",
        "The 3 least common topics are breakfast, Wi-Fi and check-in.",
        "The data runs from 2 January 2022 to 30 May 2025.",
        "All reviews come from Portugal.",
    ),
)

CASES = (
    FIND_LIKERS, FIND_HATERS, NOBODY, GROUPS, DESCRIBE, COMPARE, USER, RECOMMEND, EXPLAIN, SEARCH,
    TOPIC, TREND, ALERTS, REPORT, REPLY, OVERVIEW,
)  # fmt: skip


def kept_aside(case: Case, sentence: str) -> bool:
    """Whether a sentence belongs to the third that the checker was not tuned on."""
    every = [*case.true, *case.lies]
    return every.index(sentence) % 3 == 2
