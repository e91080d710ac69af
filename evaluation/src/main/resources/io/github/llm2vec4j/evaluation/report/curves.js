// Draws the loss curves with uPlot, in the colours of the style sheet.
(() => {
  'use strict';
  const curves = JSON.parse(document.getElementById('report-data').textContent).curves;
  const plots = [];
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const figure = value => value == null ? '' : value.toPrecision(4);

  function series(curve) {
    const all = [{ label: 'Step', value: (u, value) => value == null ? '–' : value }];
    const data = [curve.steps];
    const add = (values, options) => {
      if (values && values.some(value => value != null)) {
        all.push(Object.assign({ value: (u, value) => figure(value), spanGaps: true }, options));
        data.push(values);
      }
    };
    add(curve.raw, { label: 'Training', stroke: () => colour('--raw'), width: 1, points: { show: false } });
    add(curve.smooth, { label: 'Smoothed', stroke: () => colour('--accent'), width: 2, points: { show: false } });
    add(curve.line, { label: 'Value', stroke: () => colour('--accent'), width: 1.5, points: { show: false } });
    add(curve.held_out, {
      label: 'Held-out',
      stroke: () => colour('--held-out'),
      width: 1.5,
      dash: [5, 4],
      points: { show: true, size: 7, fill: () => colour('--held-out') },
    });
    return [all, data];
  }

  function draw(element) {
    const curve = curves[Number(element.dataset.curve)][element.dataset.score];
    if (!curve) return;
    const [all, data] = series(curve);
    const small = element.classList.contains('small');
    const axis = {
      stroke: () => colour('--soft'),
      grid: { stroke: () => colour('--line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    const size = () => ({ width: Math.max(200, element.clientWidth), height: small ? 150 : 240 });
    const title = document.createElement('h4');
    title.textContent = element.dataset.title;
    element.append(title);
    const plot = new uPlot({
      ...size(),
      scales: { x: { time: false } },
      series: all,
      axes: [{ ...axis, space: 60, size: 34 }, { ...axis, size: 46 }],
      cursor: { y: false, drag: { x: true, y: false } },
      legend: { live: true },
    }, data, element);
    new ResizeObserver(() => plot.setSize(size())).observe(element);
    plots.push(plot);
  }

  document.querySelectorAll('.plot').forEach(draw);
  const redraw = () => plots.forEach(plot => plot.redraw(false));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);

  const folded = () => document.querySelectorAll('details:not([open])');
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...folded()];
    opened.forEach(details => { details.open = true; });
  });
  addEventListener('afterprint', () => opened.forEach(details => { details.open = false; }));
})();
