"""The words that questions about customers are framed with, by what they tell of."""

from __future__ import annotations

_CONCEPTS = {
    "like": """love loves loved loving lover lovers luv luvs like likes liked enjoy enjoys enjoyed
        enjoying adore adores adored fan fans enthusiast enthusiasts enthusiastic keen rave
        raves raved raving praise praises praised praising appreciate appreciates appreciated
        admire admires dig digs favour favourite favorite prefer prefers happy happier
        happiest pleased satisfied delighted positive positively glowing promoter promoters
        advocate advocates supporter supporters superfan superfans best great good nice kind
        excited crazy obsessed passionate thrilled impressed compliment compliments
        complimented complimenting applaud applauds testimonial testimonials kudos cherish
        treasure treasures fond warm warmly highly admirer admirers endorse endorses
        recommend-it pro crave craves hooked five-star smitten taken grateful celebrate
        celebrates admiring praiseworthy evangelists ambassadors loyal""",
    "dislike": """hate hates hated hating hater haters dislike dislikes disliked disliking detest
        detests loathe loathes despise despises complain complains complained complaining
        complaint complaints complainer complainers moan moans moaning moaned whine whines
        whining grumble grumbles grumbling gripe gripes griping criticise criticises
        criticised criticize criticizes criticized criticism criticisms critic critics
        critical slam slams slammed bash bashes bashed annoyed annoys annoy irritated
        irritates upset unhappy unhappier dissatisfied disappointed disapointed frustrated
        frustrates angry angrier furious mad negative negatively bad worst awful terrible
        horrible burned burnt bothered bother bothers detractor detractors rant rants ranting
        pan pans panned trouble pain pains hated resent resents objected object objects avoid
        avoids harsh scathing one-star displeased let-down unimpressed offended put-off
        disgusted fault faults knock knocks trash trashed trashing diss disses dissing sour
        struggling struggle struggles suffered grumpy moaner moaners grumblers whiners nasty
        disappoint disappoints lets letdown regret regrets regretted mad unpleasant poor
        poorly hostile savage offend offends outraged upsets infuriates confusing
        uncomfortable annoying useless""",
    "mention": """mention mentions mentioned mentioning talk talks talked talking discuss discusses
        discussed discussing bring brings brought comment commented commenting write writes
        wrote written writing say says said saying speak speaks spoke spoken cite cites refer
        refers raise raises raised touch touches bring-up tell told note notes noted remark
        remarks remarked weigh chat chats post posted reviewed report-on reporting reported
        speaking referring touched addressing addressed bringing raising citing""",
    "person": """who whos who's whom whose users user usrs customers customer people ppl folks
        folk guys anyone anybody everyone everybody somebody someone reviewers reviewer guests
        guest members member clients client persons person individuals names fans shoppers buyers
        visitors travellers diners accounts consumers subscribers them they those""",
    "review": """review reviews revews reviewz quote quotes quoted comments verbatim verbatims
        snippet snippets excerpt excerpts feedback passages passage sentences text texts original
        originals evidence example examples posts wording words voices statements lines proof
        read reading literally word-for-word citations remarks""",
    "opinion": """opinion opinions think thinks thought thoughts view views feel feels feeling
        feelings perception perceive perceived verdict consensus sentiment sentimnt attitude
        attitudes impression impressions reputation reception received vibe mood divisive liked
        seen rated regarded popular popularity important care cares matter matters loved hated
        strength weakness satisfaction divided polarising polarizing judge judged""",
    "trend": """trend trends trending change changed changes changing evolve evolved evolving
        evolution develop developed developing development rise rising rose fall falling fell drop
        dropped dropping grow growing grown improve improved improving improvement worse worsen
        worsened worsening better increase increased increasing decrease decreased decreasing
        decline declined declining history timeline curve plot chart graph shift shifted shifting
        moved move moving progression progress trajectory fading course becoming become getting got
        seasonal ups downs volume interest hist swing climb climbing dip dipped dipping slipping
        turned recovering recovered""",
    "period": """day daily days week weekly weeks month monthly months quarter quarterly quarters
        day-by-day week-by-week month-by-month year years yearly annual time""",
    "when": """lately recently recent last past since ago today yesterday now currently tomorrow
        nowadays still yet already during while over until before after soon previous this fortnight
        hours hour weekend january february march april may june july august september october
        november december spring summer autumn winter fall""",
    "report": """report reports reprt document documents pdf write-up writeup dossier file download
        downloadable export sheet briefing brief doc paper onepager one-pager deck handout save
        slides presentation word printout shareable factsheet memo publish produce generate""",
    "reply": """reply replies answer anser answering answers respond responds response responding
        draft drafts drafting email mail message ticket inbox write back apologise apology
        polite letter react compose""",
    "recommend": """recommend recommended recommends recommendation recommendations recomend recs
        rec suggest suggests suggested suggestion suggestions offer offers offering pick picks
        propose proposes proposed products product items item things sell selling buy bought
        purchase push show pitch promote upsell cross-sell deals bestsellers carousel advertise
        match matches suit suits fit fits personalised personalized next""",
    "why": """why reason reasons explain explains explained explanation justify justification how
        grounds because rationale behind""",
    "alert": """alert alerts alarm alarms anomaly anomalies spike spikes spiked surge surges surged
        unusual weird odd strange abnormal outlier outliers warning warnings flags suspicious worry
        worried worrying urgent sudden suddenly jump jumps peak peaks burst incidents incident
        irregular irregularities unexpected happened happening""",
    "compare": """compare compares compared comparing comparison comparision versus vs differ
        differs difference differences different differently diff contrast contrasts similar
        similarity similarities unlike apart side distinguish distinguishes common separates
        alike overlap opposed against gap disagree agree pickier fussier stricter harsher kinder
        demanding choosier""",
    "overview": """data dataset database loaded total totals size count counts number numbers stats
        statistics summary overview span spans dates range covered covers corpus rows records
        figures period upload uploaded import imported amount""",
    "rank": """top first only just least limit max maximum most biggest largest smallest fastest
        bottom highest lowest order ordered sort sorted rank ranked ranking big small size rating
        ratings stars score scores growth members""",
    "describe": """describe describes description describ profile profiles typical characterise
        characterises characterize characterizes characteristics traits tick summarise summarize
        sum details detail portrait background backgorund gist lowdown introduce info information
        facts story tastes taste preferences interests behaviour behavior behave persona likes
        dislikes""",
    "ask": """show list give gimme find get pull tell please pls plz could can would want need let
        see display fetch name identify look search searching check know help me us my our i
        i'd i'm we we'd you u your do does did is are was were be been have has had there here
        any some all every each a an the of to in on for from with about abt regarding around
        at by into and or but so that this these it its which wich what wat whats what's where
        when not no don't doesn't didn't can't cannot won't if as than then too also very
        really more much many lot lots out up down off ever never always often exactly
        actually even both either same again ok okay hey hi hello thanks thx kindly just dont
        doesnt cant using wonder wondering curious interested topic subject theme overall
        general generally whole across among amongst within inside between per via most mostly
        particular specifically particularly mainly anything something everything thing things
        stuff way ways bit like whether will should shall might must may them they their
        themselves he she his her him it's gets went go goes going keep keeps kept make makes
        made put take takes come comes came us ours yourself one ones regards especially
        currently bit tad sort kind type types kinds invite away fine strong anyway instead
        main enough worth useful according subject found seem seems feelings toward towards
        regarding concerning reviews' pretty quite rather such other others else nobody none
        stand bear true through nastier happier guy case""",
}

_OF_WORD: dict[str, tuple[str, ...]] = {}
for _concept, _words in _CONCEPTS.items():
    for _word in _words.split():
        _OF_WORD[_word] = (*_OF_WORD.get(_word, ()), _concept)


def find_concepts(word: str) -> tuple[str, ...]:
    """What a word tells of; empty for the words that topics and names are made of."""
    return _OF_WORD.get(word.casefold().replace("’", "'"), ())
