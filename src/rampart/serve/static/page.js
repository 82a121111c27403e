/* The public page: shows the state of one zone, or all places. Old browsers too: no new syntax. */
(function () {
  'use strict';
  var SILENT_MS = 4000, POLL_MS = 1000, STUCK_MS = 8000;
  var body = document.body, facts = JSON.parse(body.getAttribute('data-facts'));
  var state = null, heardMs = nowMs(), offsets = [], stream = null, openedMs = 0, asking = false;
  var language = pick(), wide = /[?&]wall\b/.test(location.search), chosenWords = {}, lastStage = '', soundAt = 0;
  var audio = null, lock = null;

  function $(id) { return document.getElementById(id); }
  function nowMs() { return window.performance && performance.now ? performance.now() : new Date().getTime(); }
  function put(id, text) { var e = $(id); if (e.textContent !== text) { e.textContent = text; } }
  function kept(key, value) {
    try {
      if (value === undefined) { return localStorage.getItem(key); }
      localStorage.setItem(key, value);
    } catch (e) { return null; }
  }
  function pick() {
    var asked = /[?&]lang=([A-Za-z]+)/.exec(location.search);
    var wanted = [asked && asked[1], kept('language'), (navigator.language || 'en').split('-')[0], 'en'];
    for (var i = 0; i < wanted.length; i++) { if (wanted[i] && facts.words[wanted[i]]) { return wanted[i]; } }
    return 'en';
  }

  /* ---- what comes from the server ---- */
  function take(text, sentMs) {
    var told;
    try { told = JSON.parse(text); } catch (e) { return; }
    heardMs = nowMs();
    if (facts.zone) {
      state = told;
      /* the quickest of the last messages is nearest to the server's clock */
      offsets.push(told.sent_s - new Date().getTime() / 1000 + (sentMs ? (nowMs() - sentMs) / 2000 : 0));
      if (offsets.length > 20) { offsets.shift(); }
    } else { state = { places: told, mode: facts.mode, stage: 'list', system: told.length ? told[0].system : 'ok' }; }
    show();
  }
  function serverNow() { return new Date().getTime() / 1000 + Math.max.apply(null, offsets.length ? offsets : [0]); }
  function listen() {
    if (!window.EventSource || !facts.zone) { return; }
    if (stream) { stream.close(); }
    openedMs = nowMs();
    stream = new EventSource('/z/' + encodeURIComponent(facts.zone) + '/events');
    stream.onmessage = function (event) { take(event.data, 0); };
  }
  function ask() {
    if (asking) { return; }
    asking = true;
    var request = new XMLHttpRequest(), sentMs = nowMs();
    request.open('GET', facts.zone ? '/z/' + encodeURIComponent(facts.zone) + '/state' : '/api/zones');
    request.timeout = 3000;
    request.onload = function () { asking = false; if (request.status === 200) { take(request.responseText, sentMs); } };
    request.onerror = request.ontimeout = function () { asking = false; };
    request.send();
  }

  /* ---- what people see ---- */
  function words() { return facts.words[language]; }
  function stageNow() {
    var silent = nowMs() - heardMs > SILENT_MS;
    /* a warning that nobody can end any more stands until its time is over */
    if (state && state.stage === 'warning' && ((!silent && state.system !== 'blind') || serverNow() < state.until_s)) { return 'warning'; }
    if (silent) { return 'fault'; }
    if (!state) { return 'wait'; }
    if (state.system === 'blind') { return 'blind'; }
    return state.stage;
  }
  function show() {
    var w = words(), stage = stageNow(), silent = nowMs() - heardMs > SILENT_MS, strip = '', told, left;
    var look = stage === 'blind' ? 'fault' : stage, classes = [look, facts.mode];
    document.documentElement.lang = language;
    document.documentElement.dir = w.direction;
    put('banner', facts.mode === 'live' ? '' : w[facts.mode] + ' · ' + w[facts.mode] + ' · ' + w[facts.mode]);
    told = state && state.texts ? state.texts[language] || state.texts.en : null;
    put('place', facts.zone ? (state && state.names ? state.names[language] || state.names.en : facts.zone) : facts.site);
    if (stage === 'fault' || stage === 'blind') {
      put('headline', w[stage]); put('todo', w[stage + '_text']); put('detail', '');
    } else if (stage === 'list') {
      put('headline', w.choose); places(w);
    } else if (stage === 'wait') {
      put('headline', '…'); put('todo', ''); put('detail', '');
    } else {
      put('headline', told.headline); put('todo', told.instruction); put('detail', told.description);
      if (state.named.indexOf(language) < 0) { strip = ''; put('detail', told.description + ' (' + w.no_name + ')'); }
    }
    if (stage === 'warning' && state.impact_s) {
      classes.push('counting');
      left = Math.ceil(state.impact_s - serverNow());
      $('number').className = left > 0 ? '' : 'word';
      put('number', left > 0 ? String(left) : left > -8 ? w.now : w.hold);
      put('unit', left > 0 ? plural(left, w.seconds) + ' ' + w.left : '');
    }
    if (silent && stage === 'warning') { strip = w.stale; }
    else if (state && stage !== 'blind' && stage !== 'fault' && state.system === 'partly') { strip = w.partly; }
    else if (stage === 'warning' && state.system === 'blind') { strip = w.blind; }
    put('strip', strip);
    if (strip) { classes.push('strip'); }
    if (wide) { classes.push('wide'); }
    if (!sounding()) { classes.push('mute'); }
    if (stage === 'warning' && Math.floor(nowMs() / 500) % 2) { classes.push('beat'); }
    if (body.className !== classes.join(' ')) { body.className = classes.join(' '); }
    put('sound', sounding() ? w.sound_on : '🔊 ' + w.sound);
    $('sound').className = sounding() ? 'on' : '';
    put('wall', w.wall); put('all', w.zones);
    put('clock', clock());
    document.title = (facts.mode === 'live' ? '' : w[facts.mode] + ' ') + $('headline').textContent;
    sound(look, stage !== lastStage);
    lastStage = stage;
  }
  function plural(count, forms) {
    var form = count === 1 ? 'one' : count === 2 ? 'two' : count % 100 > 2 && count % 100 < 11 ? 'few' : 'other';
    return forms[form] || forms.other;
  }
  function clock() {
    var now = new Date();
    return ('0' + now.getHours()).slice(-2) + ':' + ('0' + now.getMinutes()).slice(-2) + ':' + ('0' + now.getSeconds()).slice(-2);
  }
  function places(w) {
    var list = $('places'), seen = JSON.stringify(state.places) + language;
    if (chosenWords.seen === seen) { return; }
    chosenWords.seen = seen;
    list.textContent = '';
    for (var i = 0; i < state.places.length; i++) {
      var place = state.places[i], item = document.createElement('li'), link = document.createElement('a');
      link.href = place.path;
      link.className = place.stage + ' ' + place.mode;
      link.textContent = (place.stage === 'warning' ? '⚠ ' : '') + (place.names[language] || place.names.en);
      item.appendChild(link);
      list.appendChild(item);
    }
  }
  function tongues() {
    var box = $('tongues');
    for (var name in facts.words) {
      if (facts.words.hasOwnProperty(name)) { box.appendChild(tongue(name)); }
    }
  }
  function tongue(name) {
    var button = document.createElement('button');
    button.type = 'button';
    button.lang = name;
    button.textContent = facts.words[name].name;
    button.onclick = function () { language = name; kept('language', name); show(); };
    return button;
  }

  /* ---- what people hear: wail for a warning, two calm tones for its end, low beeps for a fault ---- */
  function sounding() { return !!audio && audio.state === 'running'; }
  function unlock() {
    var Maker = window.AudioContext || window.webkitAudioContext;
    if (!Maker) { return; }
    if (!audio) { audio = new Maker(); soundAt = 0; }
    if (audio.resume) { audio.resume(); }
  }
  function tone(from, to, start, seconds, kind, loud) {
    var t = audio.currentTime + start, o = audio.createOscillator(), g = audio.createGain();
    o.type = kind;
    o.frequency.setValueAtTime(from, t);
    o.frequency.linearRampToValueAtTime(to, t + seconds);
    g.gain.setValueAtTime(0, t);
    g.gain.linearRampToValueAtTime(loud, t + 0.03);
    g.gain.setValueAtTime(loud, t + seconds - 0.05);
    g.gain.linearRampToValueAtTime(0, t + seconds);
    o.connect(g); g.connect(audio.destination);
    o.start(t); o.stop(t + seconds);
  }
  function sound(look, isNew) {
    if (!sounding() || look === 'list') { return; }
    if (isNew) { soundAt = 0; }
    if (nowMs() < soundAt) { return; }
    soundAt = Infinity;
    if (look === 'fault') {
      for (var i = 0; i < 3; i++) { tone(220, 220, 0.25 * i, 0.18, 'square', 0.25); }
      soundAt = nowMs() + 6000;
    } else if (look === 'warning' && facts.mode === 'live') {
      tone(500, 1200, 0, 1, 'sawtooth', 0.5); tone(1200, 500, 1, 1, 'sawtooth', 0.5);
      soundAt = nowMs() + 2000;
    } else if (look === 'warning') {
      tone(660, 660, 0, 0.3, 'sine', 0.3); tone(880, 880, 0.35, 0.3, 'sine', 0.3); tone(660, 660, 0.7, 0.3, 'sine', 0.3);
    } else if (look === 'clear' || look === 'cancelled') {
      tone(523, 523, 0, 0.9, 'sine', 0.35); tone(392, 392, 1, 1.4, 'sine', 0.35);
    }
  }

  /* ---- a screen on a wall stays awake ---- */
  function awake() {
    if (!wide || lock || !navigator.wakeLock || document.visibilityState !== 'visible') { return; }
    navigator.wakeLock.request('screen').then(function (got) {
      lock = got;
      got.addEventListener('release', function () { lock = null; });
    }, function () { lock = null; });
  }

  tongues();
  $('sound').onclick = unlock;
  document.addEventListener('click', unlock);
  document.addEventListener('keydown', unlock);
  $('wall').onclick = function () {
    wide = true;
    if (document.documentElement.requestFullscreen) { document.documentElement.requestFullscreen(); }
    show();
  };
  if (!facts.zone) { $('wall').style.display = $('all').style.display = 'none'; }
  document.addEventListener('visibilitychange', function () { ask(); awake(); });
  unlock();
  listen();
  ask();
  show();
  setInterval(function () { show(); awake(); }, 200);
  setInterval(function () {
    var silentMs = nowMs() - heardMs;
    if (!facts.zone || silentMs > POLL_MS * 1.5 || !window.EventSource) { ask(); }
    if (silentMs > SILENT_MS && nowMs() - openedMs > STUCK_MS) { listen(); }
  }, POLL_MS);
}());
