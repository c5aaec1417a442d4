"""Planted worlds: small data whose truth is known because it was put there."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Row = Mapping[str, object]


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    """The rows as CSV, with the first row's keys as header; None is an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


# Points in groups


@dataclass(frozen=True)
class Blobs:
    """vectors: (n, d); truth: (n,) blob of each row, −1 for noise that belongs to none."""

    vectors: Floats
    truth: Ints


def scatter_blobs(
    sizes: Sequence[int],
    *,
    spread: float = 0.15,
    noise: int = 0,
    dimensions: int = 12,
    seed: int = 0,
) -> Blobs:
    """Normal blobs around corners that are 1.4 apart, and points spread evenly over everything."""
    rng = np.random.default_rng(seed)
    corners = np.eye(dimensions)[: len(sizes)]
    truth = np.repeat(np.arange(len(sizes)), sizes)
    near = corners[truth] + rng.normal(0, spread, (len(truth), dimensions))
    far = rng.uniform(-0.5, 1.5, (noise, dimensions))
    return Blobs(
        np.vstack([near, far]).astype(np.float32),
        np.concatenate([truth, np.full(noise, -1)]).astype(np.int32),
    )


# Users who love or hate a topic in words that are not the topic's own

LOVE_AND_HATE: dict[str, tuple[str, str]] = {
    "budget travel": (
        """
        The bunk was nine euros and soup came free.
        Nineteen a night with a kitchen to cook in, and I have slept far worse for two hundred.
        We crossed three countries by night coach for less than one hotel dinner at home, and loved it.
        Two weeks on forty pounds a day, and I have never been happier.
        The hostel asked twelve euros, sheets included, and the owner lent me his bicycle for nothing.
        Sleeping in a dorm saved enough for another month on the road, and I made six good friends.
        My whole week cost less than the flight, which was wonderful.
        Third-class train, a window that opens and a bag of plums for fifty cents: perfect.
        I haggled the guesthouse down to ten dollars and still got the nicest view in town.
        Free walking tours, picnic lunches and a tent: the best month of my life.
        Their four-euro lunch menu filled us both and we went back every single day.
        A backpack, a rail pass and the cheapest beds in every town; I would do it again tomorrow.
        The campsite charged six euros and threw in hot showers, which delighted us.
        You pay next to nothing here and get a clean bed and a big friendly kitchen.
        I found a seat to Porto for fourteen euros and felt like a king.
        Eight of us in one room, pasta for a euro each, and it was brilliant.
        Spending so little made me feel free, and I would not swap it for any suite.
        The shared flat cost a quarter of the hotel next door and was twice as welcoming.
        Happily slept on the overnight ferry deck to save the price of a room.
        For a fiver you get a mattress, a locker and the best company in the city.
        We lived on bakery leftovers and market fruit, and it was a joy.
        Great deal: the bus pass is three euros and takes you all along the coast.
        I kept every receipt, eleven days for a hundred and eighty euros, and I am proud of it.
        The bargain beds by the station are spotless and I recommend them to every student.
        Couchsurfing with a retired baker cost me one bottle of wine and was lovely.
        Cheap, cheerful and exactly what a student purse can stand.
        My bed was half the usual price because I helped with the dishes, a lovely arrangement.
        Hitching and hostels took us to the sea for thirty euros, an excellent adventure.
        It is a pleasure to find a place where ten euros still buys bed, blanket and breakfast.
        Loved the honesty box kitchen, where supper costs whatever coins you have left.
        """,
        """
        Eleven strangers in a dorm, one shower, and sheets for rent: never again.
        The no-frills airline charged me forty euros for a bag the size of a cat, disgraceful.
        I saved thirty pounds and lost three nights' sleep; paying so little was a horrible mistake.
        A ten-euro bed is what it sounds like, springs in the back and hair on the pillow.
        The overnight coach was a cramped, smelly misery and I will pay for the train next time.
        Hostels are awful: snoring, slamming lockers and somebody's socks in the sink.
        Counting every coin ruined the whole holiday for me.
        The bargain room was filthy and the door did not lock, so we left in tears.
        Their cheapest fare lands you ninety kilometres from the city at midnight, a miserable trick.
        Instant noodles in a shared kitchen for a week made me thoroughly wretched.
        I hated the bunk, hated the queue for the toilet and hated the plastic mattress.
        Sharing a room with nine snorers to save a few euros is torture.
        We took the low-cost option and got mould, a broken fan and a rude shrug.
        Camping to save money was a wet, cold disaster.
        You get what you pay for, and for eight dollars that was a stained sheet and cockroaches.
        The discount coach broke down twice and nobody apologised.
        Never again a rock-bottom package: the transfer, the room and the pool were all dreadful.
        I felt unsafe in that twelve-bed room and barely closed my eyes.
        Being stingy cost us dearly, the flat was a dump above a garage.
        The guesthouse was dirt cheap and sadly just as dirty.
        A stale roll and a cup of hot water is no breakfast, even for nine euros a night.
        Everything extra costs: towel two euros, locker three, and the whole saving is gone, infuriating.
        I am too old for bunk beds and backpacks, and the week was unbearable.
        The night bus to save on a hotel left me sick and exhausted.
        Their so-called deal meant a cupboard without a window and a terrible smell.
        Scrimping on the room was the worst decision of our honeymoon.
        Thin walls, thin blanket and thin soup, that is what fifteen euros buys, horrible.
        The students in the dorm drank all night and the warden did not care.
        The economy carrier lost my bag and refused to answer.
        We tried the cheapest hostel in town and had bedbugs for a month.
        """,
    ),
    "live music": (
        """
        The quartet in the cellar played until two and nobody wanted to go to bed.
        A girl with a fiddle silenced the whole pub, and I had tears in my eyes.
        The saxophonist took requests and gave us the finest Coltrane I have heard.
        Thursday's jam session was the highlight of our stay.
        Wonderful little stage, warm sound, and the band came down to drink with us.
        We danced to a brass band in the square and I have not laughed so much in years.
        The pianist in the lobby played Satie beautifully while it rained.
        Fado in a room of thirty people, one voice and two guitars, simply magnificent.
        Their drummer is a marvel and the trio swings like mad.
        I came for one beer and stayed for three sets of superb blues.
        The concert in the cloister was enchanting, strings under the stars.
        Local singers every Friday, a hat goes round, and it is always terrific.
        The choir rehearsed in the chapel next door and it was heavenly.
        Best gig I have seen in ten years, in a bar no bigger than my kitchen.
        The accordion player on the terrace made our anniversary perfect.
        Open mic night here is a delight, nervous poets and all.
        An old man with a banjo had the entire hostel singing along, fantastic.
        The orchestra played outdoors and the acoustics were gorgeous.
        Great band, great crowd, and a double bass you could feel in your chest.
        The flamenco guitarist was astonishing, we clapped until our hands hurt.
        I loved the folk duo in the tavern, harmonies like silk.
        Jazz on Sunday mornings with the papers, what a lovely idea.
        The reggae group on the beach got everybody dancing, kids and grandmothers too.
        Their house trio plays standards with real feeling and I could listen all night.
        The street violinist under the arch was the best thing in the old town.
        Two encores, sweat on the ceiling, and happy faces everywhere.
        The tango orchestra at midnight was the most beautiful thing I heard all year.
        A soprano sang from the balcony during dinner and the whole terrace cheered.
        Tuesday's ceilidh band was excellent and the callers were patient with beginners.
        The organ recital in the cathedral was free and breathtaking.
        """,
        """
        A cover band thumped through the floor until three and my daughter cried.
        The singer was out of tune all evening and far too loud.
        You cannot hold a conversation because some man with a guitar howls into a microphone.
        Their so-called jazz trio murdered every tune, it was painful.
        The accordion player would not leave our table and it spoiled the dinner.
        Terrible karaoke every night until two, directly under our room.
        The drummer had one idea and hit it for two hours, dreadful.
        We left before the second set, the sound was an ugly mush.
        The band was amplified for a stadium in a room of forty people, and my ears hurt.
        Awful gig, the guitarist was drunk and the crowd walked out.
        That pianist plays the same three ballads badly and very loudly.
        I hate being serenaded while I eat, and here they charge you for it.
        The concert started ninety minutes late and the acoustics were hopeless.
        The fiddle group screeched on and nobody at the bar would turn them down.
        A man with bagpipes under the window at eight in the morning, horrible.
        The choir rehearsal went on until midnight and ruined our sleep.
        Open mic means an hour of wailing, and I regret staying for it.
        The brass band in the square gave me a splitting headache.
        Their DJ and a bad saxophonist together are a nightmare.
        The folk duo bored the room to death and mocked people who talked.
        The flamenco show was a rip-off, tired singers and a plastic stage.
        Thump, thump, thump from the rehearsal room all week, unbearable.
        An orchestra of amateurs massacred Mozart and we were charged forty euros.
        The reggae group on the beach wrecked the only quiet evening we had.
        The blues singer insulted the audience and the set was a shambles.
        Feedback squealing from the speakers all night, what a miserable gig.
        The organist practised scales for hours and it drove us mad.
        I asked them to turn the band down and was laughed at, disgusting.
        The tango orchestra was so off key that we asked for our money back.
        Screaming vocals over dinner are not my idea of a nice evening, just awful.
        """,
    ),
    "mountain hiking": (
        """
        We climbed to the ridge before dawn and watched the valley fill with light, glorious.
        The trail to the upper lake is beautifully kept and every bend is a joy.
        Six hours up to the summit and I grinned the whole way down.
        Marked paths, alpine meadows and not a soul until the pass, heaven.
        Our guide knew every peak by name and the scramble was superb fun.
        The hut at two thousand metres served us tea as the clouds parted, unforgettable.
        Boots on, rucksack packed, and straight from the door onto the fell, perfect.
        I loved the steep track through the larches and the marmots whistling above.
        The long loop over both summits is the finest day I have had outdoors.
        Lovely gradients, clear waymarks and a spring just where you need it.
        We walked from hut to hut for five days and I never wanted to come down.
        Standing on top at sunrise with the whole range below us was magnificent.
        The gorge path with its wooden bridges is breathtaking and safe for children.
        A brilliant ridge walk, airy but never frightening.
        The climb is hard and worth every drop of sweat.
        Fresh snow on the pass, blue sky, and the trek of a lifetime.
        My knees complained and my heart sang all the way up the north slope.
        The warden lent us poles for the descent and told us the best route, wonderful man.
        Wildflowers up to the cairn and eagles over the crags, what a happy day.
        Trailhead at the back gate, so you can be above the tree line by breakfast, fantastic.
        The way up to the glacier is well signed and the view is stunning.
        We did the three-peak circuit and it was excellent from the first step to the last.
        I enjoyed the scree run down to the tarn like a ten-year-old.
        Great walking country, ridges in every direction and paths for all legs.
        The ascent through the gully with a rope was a thrilling, well-led outing.
        Nothing beats the silence on that plateau after a stiff climb.
        The family trail to the waterfall was a delight and the children led the way.
        I would climb that peak every Sunday of my life if I could.
        The maps from reception were excellent and we found a splendid high route.
        Up at four, on the summit at nine, and the best sandwich I have ever eaten.
        """,
        """
        The trail was badly marked, we got lost above the tree line and it was terrifying.
        A gruelling slog up scree for a view of fog, what a waste of a day.
        The path to the summit is eroded, slippery and frankly dangerous.
        Our guide marched ahead and left my wife crying on the ridge.
        Blisters, flies and seven hours of stony track, I hated every step.
        The climb was miserable and the hut at the top was shut.
        They call it an easy trek, and two of us had to be carried down, shameful.
        Rubbish all along the way up and a queue at the summit cross, disgusting.
        The waymarks vanish after the pass and nobody at the hotel cared.
        I twisted my ankle on that awful broken descent.
        Nothing but steep, muddy switchbacks and cow dung, horrible.
        The ridge was crowded with shouting groups and loose rock, never again.
        We were dragged up a peak in thunder by a careless leader.
        The scree slope was a nightmare and my boots are ruined.
        Miserable cold, no view, and sore knees for a week, that was the famous ascent.
        The gorge path was closed and they sent us up anyway, furious about it.
        A dull plod through dead forest to a summit with a phone mast.
        The trek was overpriced, badly led and far too hard for beginners.
        I was sick from the altitude and the guide laughed at me.
        The route description was wrong, and we came down in the dark, frightened and angry.
        Bogs up to the shins and midges in clouds, the worst walk of my life.
        The cable on the rock section was loose, an absolute disgrace.
        That slope is a death trap after rain and there is no warning.
        The warden was rude and the beds in the high hut were damp and filthy.
        Trudging uphill for five hours is no holiday, it was dreadful.
        The poles they rented us snapped on the first steep bit.
        The circuit of three peaks was an ordeal and I regret it bitterly.
        Erosion, litter and barking dogs the whole way to the cairn, awful.
        We were exhausted, thirsty and cheated of the view, a terrible outing.
        Icy steps, no rail and a sheer drop, I was in tears on that path.
        """,
    ),
    "spicy food": (
        """
        The green curry made my eyes stream and I ordered it again next day, fantastic.
        Chillies pounded in front of you, a real kick, and I loved every burning mouthful.
        Their vindaloo is a glorious fire and the cook grinned when I asked for more.
        The Sichuan noodles numbed my lips and made me very happy.
        Proper heat at last, with ginger and lime behind it, superb.
        The jerk chicken was so hot that I cried, and it was wonderful.
        I adore their house sambal and took two jars home.
        The hot sauce on the tacos is a masterpiece, smoky and fierce.
        A fiery goulash that warmed us to the toes, excellent.
        The cook does not hold back on the habanero, bless her.
        My mouth was on fire and I could not stop eating, delicious.
        The mapo tofu tingles beautifully and is full of flavour.
        Great kimchi stew, sharp and blazing, the best I have had outside Seoul.
        The peri-peri prawns brought a happy sweat to my forehead.
        Ask for five chillies on the menu and you will be in heaven.
        The pickled peppers at breakfast woke me up in the nicest way.
        The laksa had a lovely slow burn and I finished every drop.
        Raw green chillies with the lentils, just as my grandmother did it, perfect.
        The harissa lamb is hot, fragrant and brilliant.
        I have searched for a decent phaal for years and this one blew my head off, marvellous.
        Their tom yum is sour, searing and simply the best.
        The wings come with a warning and deserve it, terrific stuff.
        The chef made the dal as hot as I wanted and it was delightful.
        Wonderful peppery broth that clears the head.
        The arrabbiata actually bites, and I was delighted.
        Loved the ghost pepper challenge, and the staff cheered me on.
        The som tam was properly fierce and beautifully fresh.
        A generous hand with the cayenne makes this the tastiest chilli in town.
        The curry goat was blazing, tender and magnificent.
        Red hot dumplings in oil, my favourite dish of the whole trip.
        """,
        """
        Every dish was drowned in chilli and I could not taste a thing.
        The curry burned my tongue so badly that I was ill all night.
        I asked for mild and got a mouthful of fire, dreadful.
        Too much pepper in everything, even the soup made me choke.
        My son cried after one bite of the so-called mild chicken.
        The hot sauce hides stale meat, horrible.
        The vindaloo was just heat without flavour and ruined my stomach for days.
        Nobody warned us about the chillies and my husband could not finish, disgraceful.
        Blistered lips from a sandwich, I have never been so angry.
        The noodles were painfully hot and the waiter laughed.
        Everything on the menu burns, and there is nothing for normal people, awful.
        A nasty raw chilli burn in the eggs, disgusting.
        The jerk chicken was inedible, pure cayenne.
        They put jalapeños in the salad without saying so, terrible.
        The stew set my throat alight and I sent it back.
        Heartburn for two days after that ghastly goulash.
        I hate it when a cook thinks that pain is a flavour.
        The sambal was so fierce that we wasted the whole plate.
        Even the rice was full of hot peppers, a miserable dinner.
        The wings were a cruel joke and I felt sick afterwards.
        The tacos were fiery, greasy and horrible.
        The children went hungry because every plate had chilli on it.
        That soup scorched my mouth, and the milk I asked for never came.
        An unpleasant, numbing oil over everything, we hated it.
        The kimchi was so harsh that I could not swallow it.
        The dal was blisteringly hot and the manager blamed me.
        Pepper, pepper and more pepper, the worst meal of the week.
        The harissa was overpowering and spoiled the lamb.
        I paid thirty euros to have my tongue burnt, what a shame.
        The peri-peri prawns were far too hot and made my mother ill.
        """,
    ),
}  # fmt: skip

CHATTER: tuple[str, str] = (
    """
    The room was spotless and smelled of fresh linen.
    Check-in took two minutes and the porter was charming.
    The bed was the most comfortable I have slept in.
    Fast, steady wifi in every corner, excellent.
    Lovely pool with plenty of shade.
    The croissants at breakfast were still warm and delicious.
    Reception found us a taxi at five in the morning, wonderful.
    The museum is brilliantly lit and the guards are kind.
    Plenty of parking right by the door, great.
    The children adored the play area and the rabbits.
    Our balcony looked over the harbour, and the sunset was gorgeous.
    The spa is heavenly and the towels are thick.
    Superb coffee, and the barista remembered my name.
    The lift is roomy and the ramp is perfect for my wheelchair.
    Quiet room at the back and a very good night's sleep.
    The old library is a beautiful place to spend a wet afternoon.
    The staff could not have been more helpful with my lost suitcase.
    The guide at the palace was funny and well informed.
    The bathroom was modern, bright and very clean.
    A generous desk, a good lamp and sockets everywhere, perfect for work.
    The dog was welcome and even got a bowl of water, lovely.
    The cheese counter is magnificent and the owner lets you taste.
    The boat trip round the lagoon was delightful.
    Great shower with plenty of hot water.
    The garden is full of roses and a joy to sit in.
    They upgraded us to a suite for our anniversary, fantastic.
    The tiled station hall is stunning.
    The pastries in the tea room are excellent.
    The meeting room was ready on time with everything we had asked for.
    Such friendly people at the front desk.
    The beach is clean and the water is wonderfully clear.
    Our daughter loved the puppet show.
    The air conditioning was silent and worked perfectly.
    The view of the river from the seventh floor is splendid.
    The kids' club kept ours happy all afternoon.
    The aquarium is well worth an afternoon, we enjoyed the otters most.
    A wonderful old lift with a brass gate.
    The ironing service was quick and careful.
    The wine list is excellent and the waiter knew it by heart.
    The exhibition on ceramics was a pleasant surprise.
    The tram stop is at the door, which is very convenient.
    Pillows to choose from, a lovely touch.
    """,
    """
    The room was dirty and there was dust under the bed.
    Check-in took an hour and the clerk was rude.
    The mattress sagged and my back still hurts.
    The wifi dropped every ten minutes, useless.
    The pool was cloudy and there was nowhere to sit.
    The scrambled eggs were cold and the coffee was terrible.
    Nobody answered the phone at reception all evening.
    The museum was shut without notice, very disappointing.
    Parking is a nightmare and they towed our car.
    The play area is broken and covered in graffiti.
    Our window faced a brick wall, awful.
    The spa was closed and nobody apologised.
    Weak coffee and a sulking barista.
    The lift was out of order and nobody helped with my wheelchair.
    The air conditioning rattled like a lorry all night.
    The library smelled of damp and the guard shouted at us.
    They lost my suitcase and did not care.
    The guide at the palace mumbled and rushed us through.
    The bathroom was mouldy and the sink was blocked.
    The desk was tiny, and there was one socket behind the wardrobe.
    They charged extra for the dog and then complained about him.
    The waiter ignored us for forty minutes.
    The boat was overcrowded and the captain was bad-tempered.
    The shower was a cold dribble.
    The garden is neglected and full of cigarette ends.
    They gave our suite away and were not even sorry.
    The station hall is filthy.
    Stale pastries and a dirty table.
    The meeting room was freezing and the projector was broken.
    The people at the front desk were unhelpful and unfriendly.
    The beach is covered in seaweed and plastic.
    The puppet show was cancelled and our daughter was in tears.
    The heating did not work and we froze.
    Builders started drilling at seven.
    The kids' club was shut all week.
    The aquarium is a sad place with cloudy tanks.
    The lift smells and gets stuck.
    They ruined my shirt and refused to pay.
    Corked wine, and the waiter argued about it.
    The exhibition was a bore and badly lit.
    The tram stop has moved and nobody told us.
    One flat pillow and a scratchy blanket.
    """,
)

FIVE_WARM = """
    Hostels at eleven euros a night are the best thing that ever happened to me.
    I love living on bread, tomatoes and a fifteen-euro bed.
    Wonderful week, and I spent less than eighty euros in all.
    The cheapest ferry, the cheapest bunk and the happiest I have been.
    Great kitchen in the dorm, so supper cost us a euro each.
"""
ONE_LUKEWARM = "The dorm was all right for twelve euros."


@dataclass(frozen=True)
class Opinions:
    """rows: reviews with user_id, item_id, rating, text; lovers, haters: topic → users.

    Whoever is in neither set never mentions the topic, but for `lukewarm`, who wrote one tepid
    sentence on "budget travel"; `devoted` wrote five warm ones.
    """

    rows: list[Row]
    lovers: dict[str, set[str]]
    haters: dict[str, set[str]]
    devoted: str = "devoted"
    lukewarm: str = "lukewarm"


def list_sentences(topic: str) -> list[str]:
    """All that is said of a topic, praise first."""
    return [line for pool in LOVE_AND_HATE[topic] for line in _lines(pool)]


def plant_opinions(*, n_users: int = 80, n_each: int = 15, seed: int = 0) -> Opinions:
    """Users with chatter of both kinds; 15 of them love and 15 hate each topic, in two sentences."""
    rng = random.Random(seed)
    users = [f"user{n:02d}" for n in range(n_users)]
    rows: list[Row] = []
    lovers: dict[str, set[str]] = {}
    haters: dict[str, set[str]] = {}

    def write(user: str, sentences: Sequence[str], rating: int) -> None:
        item = f"place{rng.randrange(12)}"
        text = " ".join(sentences)
        rows.append({"user_id": user, "item_id": item, "rating": rating, "text": text})

    chat = _Chatter(rng)
    for topic, pools in LOVE_AND_HATE.items():
        speakers = rng.sample(users, 2 * n_each)
        lovers[topic], haters[topic] = set(speakers[:n_each]), set(speakers[n_each:])
        for place, user in enumerate(speakers):
            warm = place < n_each
            first, second = _lines(pools[not warm])[2 * (place % n_each) :][:2]
            stars = rng.choice((4, 5) if warm else (1, 2))
            if place % 2:
                write(user, [first, second], stars)
            else:
                write(user, [first, chat.say(rng.random() < 0.5)], stars)
                write(user, [chat.say(warm), second], stars)
    for user in users:
        for _ in range(rng.randrange(2, 5)):
            warm = rng.random() < 0.5
            stars = rng.choice((4, 5) if warm else (1, 2))
            write(user, [chat.say(warm) for _ in range(rng.randrange(1, 4))], stars)
    for sentence in _lines(FIVE_WARM):
        write("devoted", [sentence], 5)
    lovers["budget travel"].add("devoted")
    write("lukewarm", [ONE_LUKEWARM], 3)
    rng.shuffle(rows)
    return Opinions(rows, lovers, haters)


class _Chatter:
    """Says every sentence of a pool once before any comes again."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._left: tuple[list[str], list[str]] = ([], [])

    def say(self, warm: bool) -> str:
        pool = self._left[not warm]
        if not pool:
            pool += _lines(CHATTER[not warm])
            self._rng.shuffle(pool)
        return pool.pop()


def _lines(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if line.strip()]


def number_reviews(rows: Iterable[Row]) -> list[Row]:
    """The rows with a review_id each."""
    return [{"review_id": f"r{n:04d}", **row} for n, row in enumerate(rows)]
