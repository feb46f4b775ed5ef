# Every sentence the bot says to a citizen, in English. Same keys and same content as zh.ftl.

### Opening and small talk
hello = Hello, this is the { $city } 12345 line. I'm Xiao Lian, a digital assistant.
welcome = Hello, this is the { $city } 12345 line. I'm Xiao Lian, a digital assistant. Tell me what's wrong or what you'd like to know. Photos and locations are welcome too.
welcome-back = Welcome back! Just write to me if you need anything.
greet = Hello! I'm Xiao Lian, the digital assistant of the { $city } 12345 line. What can I do for you?
who = I'm Xiao Lian, the digital assistant of the { $city } 12345 line, not a human. Tell me what you need; for a person, write "agent" at any time.
bye = Goodbye, and all the best. I'm here whenever you need me.
thank = You're welcome. Just write if there's anything else.
help = I can take problems, complaints, tips and suggestions, answer questions, and check, urge, add to or withdraw a request. Just tell me. For a person, reply "agent".
chitchat = I'm not much good at that 😊 But if something's wrong in daily life or you have a question about services, I'm the one to ask.
out-of-scope = I'm sorry, 12345 can't help with that. Water, power, heating, housing, transport, insurance, schools, shopping: those I can do.
nothing-open = All right. Is there anything you'd like to report or ask? Just tell me.
menu-report = Sure. What happened, and where? You can send photos or a location too.
menu-question = Sure. What would you like to know?
scanned-place = You are at "{ $place }", right? What happened there?
wait-a-moment = Got it. One moment, please.
voice-unread = I got your voice message but can't listen to it, so a colleague will. You can also type it if you like.

### Not understood
unclear-again = Sorry, I didn't quite get that. Could you put it another way: what happened, and where?
which = I've noted that. Which of these is it about?
which-again = All right. Tell me in your own words: what is it, and what is it about?
several = You mentioned { $count } things. I'll take them one by one and won't forget any.
queued-request = I've noted "{ $service }" too. We'll do it right after this one.
queued-several = I've noted the other { $count } things too. We'll do them right after this one.

### Taking a request
begin = { $kind ->
    [complaint] Sorry for the trouble. I'll report this for you: { $service }.
    [tip] Thank you for telling us. I'll register this tip: { $service }. Your identity stays confidential.
    [suggestion] Thank you for the suggestion. I'll pass it on.
    [praise] Thank you! I'll pass on your kind words.
   *[other] All right, I'll register this for you: { $service }.
 }
ask-place = { $kind ->
    [praise] Where was it?
   *[other] Where exactly is it? Road, estate, building: the more exact, the faster. You can also send a location.
 }
ask-district = Which district is it?
ask-matter = { $kind ->
    [suggestion] What exactly do you suggest?
    [praise] Whom would you like to praise, and what for?
    [tip] What exactly happened: who did what, and when?
    [question] What exactly would you like to know?
   *[other] Could you tell me what exactly is wrong?
 }
ask-since = Since when has it been like this?
ask-time = About when did it happen?
ask-phone = { $kind ->
    [tip] Could you leave a phone number? It's only for checking back and is never passed on. You may also stay anonymous.
   *[other] Please leave a phone number, so that staff can check back with you.
 }
ask-name = How may we address you?
ask-party = { $kind ->
    [praise] Which person or organisation would you like to praise?
   *[other] Who is it about? An organisation, a shop or a person.
 }
ask-shop = Which shop is it?
ask-employer = Which company or employer is it?
ask-project = Which site or project is it?
ask-people = How many people are affected?
ask-amount = How much money is it about?
ask-period = Which period is it about?
ask-proof = Do you have proof? A photo of the contract, receipt or chat will do.
ask-source = Where does it come from, or what causes it?
ask-hours = At what times of day?
ask-line = Which bus or line is it?
ask-plate = Do you remember the plate number?
ask-estate = Which estate is it?
ask-building = Which building, unit and room?
ask-account = What's the account number? It's on the bill.
ask-extent = How far does it reach? Only your home, the building, or the whole estate?
ask-school = Which school is it?
ask-grade = Which grade is the child in?
ask-register = What household registration or residence permit do you have?
ask-id_number = Please give the ID number. It's used for this matter only.
ask-wish = What would you like to happen?
ask-change = What should I change? Just say so, e.g. "the address is building 3" or "the phone is 139…".

wrong-phone = That number doesn't look right. Could you check it? Landlines need the area code.
wrong-time = That time hasn't come yet. Could you check when it was?
wrong-place = That's still hard to find. Which road or estate is it, or what is nearby?
wrong-plate = That plate number looks incomplete. Could you check it?
wrong-id = That ID number doesn't look right. Could you check it?
why-phone = Only the staff handling this will use it to check back with you. It makes things much faster; if you'd rather not, reply "anonymous".
why-place = Without a place, staff don't know where to go. Roughly is fine: a crossing, school or shop nearby.
why-matter = A sentence or two is enough, so that I can find the right department.
why-other = It helps the department act faster. If you don't have it, just reply "skip".

anonymous-noted = All right, this one is registered anonymously, without name or phone.
photo-first = I got your photo ({ $count } so far). What happened, and where?
photo-noted = Photo received and added to this request ({ $count } in all).
location-first = I got the location. What happened there?
location-noted = Location received.
pinned = Map position ({ $latitude }, { $longitude })
noted = All right, I've added that.
corrected = Changed.
mistaken = Sorry, I got that wrong.
cancelled = All right, nothing is registered. I'm here whenever you need me.
silent-incomplete = I'll keep "{ $service }" for you. Just go on whenever it suits you, or reply "agent" for a person.

summary = This is what I have. Is it right?
    { $kind ->
    [question] [Question]
    [help] [Help]
    [complaint] [Complaint]
    [tip] [Tip]
    [suggestion] [Suggestion]
    [praise] [Praise]
   *[other] [Request]
    } { $service }
    { $lines }
summary-line = { $label }: { $value }
summary-anonymous = Anonymous: yes
summary-photos = Photos: { $count }

label-matter = Matter
label-place = Place
label-district = District
label-since = Since
label-time = Time
label-phone = Phone
label-name = Name
label-party = About
label-shop = Shop
label-employer = Employer
label-project = Project
label-people = People
label-amount = Amount
label-period = Period
label-proof = Proof
label-source = Source
label-hours = Hours
label-line = Line
label-plate = Plate
label-estate = Estate
label-building = Building
label-account = Account
label-extent = Extent
label-school = School
label-grade = Grade
label-register = Registration
label-id_number = ID number
label-wish = Wish

### After filing
receipt = Done. Ticket { $number }, query code { $code }, goes to { $department }. You'll have an answer by { $deadline }. { $anonymous ->
    [true] It's anonymous, so please keep the number and code.
   *[other] To add something, just send me text or photos.
 }
receipt-silent = As you didn't reply, I've registered what you told me. Ticket { $number }, query code { $code }, goes to { $department }, answer by { $deadline }. Tell me if anything should be changed or added.
receipt-urgent = Registered as an emergency, and the staff on duty are called: ticket { $number }, query code { $code }.
ticket-filed = A colleague has registered "{ $service }" for you: ticket { $number }, query code { $code }, with { $department }, answer by { $deadline }.

state = { $state ->
    [accepted] accepted
    [dispatched] sent to the department
    [signed] in progress
    [returned] being reassigned
    [answered] answered
    [redo] being redone
    [closed] closed
    [not_accepted] not accepted
    [withdrawn] withdrawn
   *[other] in progress
 }
status = Ticket { $number } ({ $service }): { state }. { $open ->
    [true] { $overdue ->
        [true] { $department } is late with its answer. I can urge them for you.
       *[other] { $department } is on it and will answer by { $deadline }.
    }
   *[other] {""}
 }{ $answered ->
    [true] {" "}Answer: { $answer }
   *[other] {""}
 }
ticket-none = I found no ticket of yours. Please send me the ticket number together with the query code.
ticket-unknown = I couldn't find { $number }. Please check the ticket number and query code, and send both.
ticket-which = You have { $count } tickets. Which one is it?
urged = I've urged { $department } about { $number }. You'll have an answer by { $deadline }.
urged-already = { $number } was urged already today. { $department } is on it and will answer by { $deadline }. If it's pressing, reply "agent".
urge-closed = { $number } is finished, so there's nothing to urge. If it isn't solved, reply "not solved" and I'll take it up again.
add-what = Sure, what would you like to add? Text or photos are fine.
added = Added to ticket { $number }{ $photos ->
    [0] {""}
   *[other] {" "}({ $photos } photos)
 }. The staff handling it can see it.
add-closed = { $number } is finished, so nothing can be added. If it isn't solved, reply "not solved"; if it's something new, just tell me.
withdraw-sure = Do you really want to withdraw ticket { $number }? The department will stop working on it.
withdraw-kept = All right, it stays and goes on.
withdrawn = { $number } is withdrawn. I'm here whenever you need me.
withdraw-too-late = { $number } can't be withdrawn any more. If something has changed, tell me.
ask-stars = How was it handled? Please give 1 to 5 stars (5 is best):
rated = Thank you for your rating!
rated-already = You've already rated { $number }. Thank you!
rated-sorry = I'm sorry it didn't go well. Shall I ask the department to handle it again?
rate-too-early = { $number } is still being handled, answer by { $deadline }. Please rate it after that.
not-solved-open = { $number } is still being handled. I can urge them for you.
redo-started = I've asked { $department } to handle { $number } again. You'll have an answer by { $deadline }.
redo-still-open = { $number } isn't finished yet. { $department } is on it and will answer by { $deadline }.
redo-impossible = { $number } can't be redone right now. Reply "agent" and a colleague will look at it.

### Knowledge answers
answer = { $answer }{ $sourced ->
    [true] {" "}(Source: { $source })
   *[other] {""}
 }{ $linked ->
    [true] {" "}{ $links }
   *[other] {""}
 }
answer-none = I have no ready answer to that. Shall I register it, so that { $department } answers you?
answer-later = I've noted your question and will pass it on with this request.
feedback-yes = Glad I could help! Just write if there's anything else.
feedback-no = Thank you for telling me. We'll do better.

### Emergencies
alarm = [Please call { $call } now] { $advice }
alarm-advice = { $advice }
alarm-where = { $danger ->
    [self_harm] Where are you now? Is anyone with you? We want to be there for you.
   *[other] Please tell me the exact place. I'll pass it to the staff on duty at once.
 }
alarm-added = Passed on to the staff on duty. If there's danger, call { $call } first.
alarm-coming = The staff on duty are on it. Please stay safe, and tell me if anything changes.

### A person
calm = I understand you're upset; anyone would be. Tell me what it is, and I'll do my best.
prank = This line is for people who urgently need help. Thank you for understanding. If there's something real, just say so.
advertising = This is a citizens' service line. We take no advertising.
person-asked = All right, I'm getting a colleague for you.
person-misunderstood = I'm sorry I don't follow. I won't make you say it again: a colleague will help you.
person-emergency = I've asked the staff on duty to look at this at once. If there's danger, call 110, 119 or 120 first.
person-anger = I understand how you feel, and I'm sorry. I've noted everything you said; a colleague will talk with you right away.
person-model-down = Sorry to keep you waiting. I've noted everything you said; a colleague will help you.
person-failed-turn = Something went wrong just now. Nothing you said is lost; a colleague will help you.
person-unclear = I'm not sure about this one, so a colleague will have a look. You needn't repeat anything.
person-complex = A colleague will help you with this.
person-queue = You're number { $position } in the queue{ $minutes ->
    [0] . Just a moment, please.
    [1] . It will only take a moment.
   *[other] , about { $minutes } minutes from now.
 }
person-limited = For now I'm the one who helps you; a person can join again after { $until }. Tell me what you need and nothing gets lost. In danger call 110 at once.
limited-slow = You write a lot in a short time, so until { $until } I answer about every ten minutes. I read every message. In danger call 110 at once.
limited-block = Because of some of the words before, I won't answer until { $until }. What you write is kept, and what you need is taken up then. In danger call 110 at once, or tell me.
joined = What you report belongs to a case that is being handled already. I have added it to ticket { $number } ({ $service }) with { $department }.
person-off-duty = { $known ->
    [true] Nobody is at a desk right now; people are here from { $opens }. You can also call { $phone }. Write down here what it is: I'll register it, so nothing is lost.
   *[other] Nobody is at a desk right now. You can also call { $phone }. Write down here what it is: I'll register it, so nothing is lost.
 }
person-off-duty-filed = { $known ->
    [true] Nobody is at a desk right now; people are here from { $opens }. You can also call { $phone }. I'm registering your matter, so nothing is lost.
   *[other] Nobody is at a desk right now. You can also call { $phone }. I'm registering your matter, so nothing is lost.
 }
ask-seat = How did my colleague serve you? Please give 1 to 5 stars (5 is best):
seat-rated = Thank you for your rating! If you want to add a word, just write it to me.
seat-rated-sorry = I'm sorry we let you down. Write to me what went wrong, and I'll pass it to the supervisor.
seat-words-noted = Noted, the supervisor will see it. Thank you.
person-joined = { $name } is with you now.
person-transferring = I'm passing you on to another colleague. They can read what you said; you needn't repeat it.
person-lost = My colleague lost the connection. Another one will go on helping you; nothing you said is lost.
person-left = My colleague has left the chat. I am still here for you.
continue-link = This does not fit a text message. Please go on here: { $link }
person-closed = This conversation is closed. Thank you. Write to me whenever you need us.
queue-waiting = Got it, noted for my colleague. You're number { $position } in the queue{ $minutes ->
    [0] .
    [1] . It will only take a moment.
   *[other] , about { $minutes } minutes from now.
 }
queue-kept = Got it, noted for my colleague.
queue-left = All right, you've left the queue. Just tell me what it is.
nobody-came = Sorry, all colleagues are busy. Write down what it is, and I'll register it for you.
nobody-came-filed = Sorry, all colleagues are busy, so I've registered it for you: ticket { $number }, query code { $code }, answer by { $deadline }.
turn-failed = Something went wrong just now. Nothing you said is lost; a colleague will take care of it.

### Buttons
choice-confirm = Yes, submit
choice-change = Change something
choice-cancel = Cancel
choice-skip = Skip
choice-anonymous = Stay anonymous
choice-person = Talk to a person
choice-none = None of these
choice-file = Register it
choice-no-need = No, thanks
choice-report = Report a problem
choice-question = Ask a question
choice-progress = Check progress
choice-urge = Urge them
choice-solved = Solved
choice-not-solved = Not solved
choice-redo = Handle it again
choice-helped = Helpful
choice-not-helped = Not helpful
choice-withdraw = Yes, withdraw
choice-keep = No, keep it
choice-leave-queue = Leave the queue
choice-stars-1 = Very dissatisfied
choice-stars-2 = Dissatisfied
choice-stars-3 = So-so
choice-stars-4 = Satisfied
choice-stars-5 = Very satisfied
