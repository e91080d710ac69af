// Shows the sentence under the pointer in every map, and brings one topic forward.
(() => {
  'use strict';
  const examples = JSON.parse(document.getElementById('report-data').textContent).examples || [];
  const tip = document.getElementById('tip');
  const maps = [...document.querySelectorAll('.map svg')].map(svg => ({
    svg,
    points: [...svg.querySelectorAll('use')].map(use => ({
      use, index: Number(use.dataset.i), x: use.x.baseVal.value, y: use.y.baseVal.value,
    })),
  }));
  const reach = 16;
  let topic = -1;
  let shown = -1;

  function show(index) {
    if (index === shown) return;
    shown = index;
    for (const map of maps) {
      map.points.forEach(point => point.use.classList.toggle('here', point.index === index));
      const here = map.points.find(point => point.index === index);
      if (here) map.svg.append(here.use);
    }
    tip.hidden = index < 0;
    if (index < 0) return;
    const example = examples[index];
    const text = document.createElement('bdi');
    text.textContent = example.text;
    text.dir = example.dir;
    text.lang = example.lang;
    const label = document.createElement('small');
    label.textContent = example.topic;
    label.dir = 'auto';
    tip.replaceChildren(text, label);
  }

  function place(event) {
    const edge = 12;
    const width = tip.offsetWidth;
    const x = Math.min(event.clientX + edge, innerWidth - width - edge);
    const below = event.clientY + edge + tip.offsetHeight < innerHeight;
    tip.style.left = Math.max(edge, x) + 'px';
    tip.style.top = (below ? event.clientY + edge : event.clientY - edge - tip.offsetHeight) + 'px';
  }

  for (const map of maps) {
    const nearest = event => {
      const matrix = map.svg.getScreenCTM();
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      let best = -1;
      let distance = reach * reach;
      for (const point of map.points) {
        if (topic >= 0 && examples[point.index].topic_index !== topic) continue;
        const square = (point.x - at.x) ** 2 + (point.y - at.y) ** 2;
        if (square < distance) {
          distance = square;
          best = point.index;
        }
      }
      show(best);
      if (best >= 0) place(event);
    };
    map.svg.addEventListener('pointermove', nearest);
    map.svg.addEventListener('pointerdown', nearest);
    map.svg.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') show(-1); });
  }
  addEventListener('pointerdown', event => { if (!event.target.closest('.map svg')) show(-1); });

  const buttons = [...document.querySelectorAll('.legend button')];
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const chosen = Number(button.dataset.topic);
      topic = topic === chosen ? -1 : chosen;
      buttons.forEach(other => other.setAttribute('aria-pressed', Number(other.dataset.topic) === topic));
      for (const map of maps) {
        map.svg.classList.toggle('chosen', topic >= 0);
        map.points.forEach(({ use, index }) =>
          use.classList.toggle('forward', examples[index].topic_index === topic));
      }
    });
  }
})();
